resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  description   = "Front door of ${var.name}"
  protocol_type = "HTTP"

  dynamic "cors_configuration" {
    for_each = length(var.cross_origin.origins) > 0 ? [var.cross_origin] : []

    content {
      allow_origins  = cors_configuration.value.origins
      allow_methods  = cors_configuration.value.methods
      allow_headers  = cors_configuration.value.request_headers
      expose_headers = cors_configuration.value.exposed_headers
      max_age        = cors_configuration.value.max_age
    }
  }
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = var.functions

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:Only those routes are open that the function map calls public, as the API's own description

  for_each = var.routes

  api_id    = aws_apigatewayv2_api.this.id
  route_key = each.key
  target    = "integrations/${aws_apigatewayv2_integration.this[each.value].id}"

  # A route without a scope is not public: the deployment fails.
  authorization_type   = local.open[each.key] ? "NONE" : "JWT"
  authorizer_id        = local.open[each.key] ? null : one(aws_apigatewayv2_authorizer.this).id
  authorization_scopes = local.open[each.key] ? null : [var.scopes[each.key]]
}

# A function answers unmatched routes, too: the gateway's own refusal would not be a problem document (RFC 9457).
resource "aws_apigatewayv2_route" "otherwise" {
  #checkov:skip=CKV_AWS_309:It only answers that there is no such route

  api_id    = aws_apigatewayv2_api.this.id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.this[var.otherwise].id}"
}

locals {
  open = { for route in keys(var.routes) : route => var.tokens == null || var.scopes[route] == "public" }
}

resource "aws_apigatewayv2_authorizer" "this" {
  count = var.tokens == null ? 0 : 1

  api_id           = aws_apigatewayv2_api.this.id
  name             = "tokens"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.tokens.issuer
    audience = var.tokens.audience
  }

  lifecycle {
    # Unused with JWTs, but the embedded cloud returns one.
    ignore_changes = [authorizer_payload_format_version]
  }
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.throttling_rate_limit
    throttling_burst_limit = var.throttling_burst_limit
  }

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.access

    content {
      destination_arn = access_log_settings.value.arn
      format = jsonencode({
        requestId        = "$context.requestId"
        requestTime      = "$context.requestTime"
        sourceIp         = "$context.identity.sourceIp"
        routeKey         = "$context.routeKey"
        status           = "$context.status"
        responseLength   = "$context.responseLength"
        responseLatency  = "$context.responseLatency"
        integrationError = "$context.integrationErrorMessage"
      })
    }
  }
}

resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338:cloudwatch_retention_days decides: a year in prod, days where nobody reads logs later

  count = var.access_logs ? 1 : 0

  name              = "/aws/vendedlogs/${var.name}-api"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_lambda_permission" "this" {
  for_each = var.functions

  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = each.value.name
  qualifier     = each.value.alias
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}
