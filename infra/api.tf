locals {
  # Functions by route ("GET /tasks/{taskId}"), as the function map says. A path that answers GET answers HEAD
  # (RFC 9110, section 9.1), by the same function.
  routes = merge([
    for name, function in local.functions : merge(
      { for route, scope in function.trigger.routes : route => name },
      { for route, scope in function.trigger.routes : replace(route, "/^GET /", "HEAD ") => name },
    )
    if function.trigger.type == "http"
  ]...)

  # Route to the scope that a token needs for it; `public` routes need none.
  scopes = merge([
    for function in values(local.functions) : merge(
      function.trigger.routes,
      { for route, scope in function.trigger.routes : replace(route, "/^GET /", "HEAD ") => scope },
    )
    if function.trigger.type == "http"
  ]...)

  # What pages of these origins may do (Fetch, "CORS protocol"). `*` would not allow Authorization. What functions
  # behind a REST API expose is in services/api/cross_origin.py; a test compares both.
  cross_origin = {
    origins = var.cors_allowed_origins
    methods = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]
    request_headers = concat([
      "authorization",
      "baggage",
      "content-type",
      "idempotency-key",
      "if-match",
      "if-none-match",
      "traceparent",
      "tracestate",
      "x-amzn-trace-id",
      "x-correlation-id",
    ], var.cors_allowed_headers)
    exposed_headers = [
      "allow",
      "etag",
      "idempotency-replayed",
      "location",
      "retry-after",
      "www-authenticate",
      "x-correlation-id",
    ]
    max_age = 3600
  }

  # Every local cloud has REST APIs; HTTP APIs, which cost less and do more, only some.
  api_type = coalesce(var.api_type, local.is_local ? "rest" : "http")
  api      = one(concat(module.http_api, module.rest_api))

  api_invoke_url = local.is_local ? "${var.aws_endpoint}/_aws/execute-api/${local.api.id}/${local.api.stage}" : local.api.url

  # Local clouds accept access logs and write none.
  api_access_logs = coalesce(var.api_access_logs, !local.is_local)

  # HTTP APIs add the headers of cross-origin calls to every answer; behind a REST API that is up to the functions.
  cross_origin_environment = {
    for origins in [join(",", var.cors_allowed_origins)] : "CORS_ALLOWED_ORIGINS" => origins
    if local.api_type == "rest" && origins != ""
  }

  api_functions = {
    for name in distinct(values(local.routes)) : name => {
      invoke_arn = module.function[name].invoke_arn
      name       = module.function[name].name
      alias      = module.function[name].alias
    }
  }
}

module "http_api" {
  source = "./modules/http_api"
  count  = local.api_type == "http" ? 1 : 0

  name      = local.prefix
  routes    = local.routes
  scopes    = local.scopes
  functions = local.api_functions
  otherwise = "describe_api"
  tokens    = local.tokens

  cross_origin           = local.cross_origin
  throttling_rate_limit  = var.api_throttling_rate_limit
  throttling_burst_limit = var.api_throttling_burst_limit

  access_logs        = local.api_access_logs
  log_retention_days = var.cloudwatch_retention_days
  kms_key_arn        = aws_kms_key.this.arn
}

module "rest_api" {
  source = "./modules/rest_api"
  count  = local.api_type == "rest" ? 1 : 0

  name      = local.prefix
  routes    = local.routes
  functions = local.api_functions
  otherwise = "describe_api"
  auth_mode = local.auth_mode

  cross_origin           = local.cross_origin
  throttling_rate_limit  = var.api_throttling_rate_limit
  throttling_burst_limit = var.api_throttling_burst_limit

  access_logs        = local.api_access_logs
  log_retention_days = var.cloudwatch_retention_days
  kms_key_arn        = aws_kms_key.this.arn
  tracing            = var.enable_xray_tracing
}
