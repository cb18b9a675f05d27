# The same API as modules/http_api, for clouds that have only REST APIs, from one OpenAPI document.

resource "aws_api_gateway_rest_api" "this" {
  name        = var.name
  description = "Front door of ${var.name}"
  body        = jsonencode(local.document)

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.auth_mode == "none"
      error_message = "A REST API checks no tokens, so auth_mode = \"${var.auth_mode}\" requires api_type = \"http\"."
    }
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    document = sha256(aws_api_gateway_rest_api.this.body)
  }

  lifecycle {
    # The stage moves to the new deployment before the old one is removed.
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV_AWS_76:access_logs decides, because a stage with logs is refused in a region without the role for them
  #checkov:skip=CKV_AWS_120:A cached task would be a stale one, and its ETag wrong
  #checkov:skip=CKV2_AWS_4:The level is in the method settings, which the check does not connect with the stage
  #checkov:skip=CKV2_AWS_29:waf_rate_limit decides; the check does not see the association, which is outside this module
  #checkov:skip=CKV2_AWS_51:Behind it are Lambda functions, called by IAM and not over TLS with certificates

  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = "live"

  xray_tracing_enabled = var.tracing

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.access

    content {
      destination_arn = access_log_settings.value.arn
      format = jsonencode({
        requestId        = "$context.requestId"
        requestTime      = "$context.requestTime"
        sourceIp         = "$context.identity.sourceIp"
        routeKey         = "$context.httpMethod $context.resourcePath"
        status           = "$context.status"
        responseLength   = "$context.responseLength"
        responseLatency  = "$context.responseLatency"
        integrationError = "$context.integrationErrorMessage"
      })
    }
  }
}

resource "aws_api_gateway_method_settings" "this" {
  #checkov:skip=CKV_AWS_225:A cached task would be a stale one, and its ETag wrong

  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = var.throttling_rate_limit
    throttling_burst_limit = var.throttling_burst_limit

    # Errors of the gateway's own, without headers or bodies.
    logging_level      = var.access_logs ? "ERROR" : null
    data_trace_enabled = false
  }

  # Before the first request: otherwise API Gateway creates the log group, without a key, and keeps it for ever.
  depends_on = [aws_cloudwatch_log_group.execution]
}

# API Gateway prescribes the name.
resource "aws_cloudwatch_log_group" "execution" {
  #checkov:skip=CKV_AWS_338:cloudwatch_retention_days decides: a year in prod, days where nobody reads logs later

  count = var.access_logs ? 1 : 0

  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${aws_api_gateway_stage.this.stage_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# Both logs need the account's CloudWatch role for API Gateway (aws_api_gateway_account), which belongs to a region, not
# to one of its APIs.
resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338:cloudwatch_retention_days decides: a year in prod, days where nobody reads logs later

  count = var.access_logs ? 1 : 0

  # Not the name in modules/http_api: where api_type changes, the one is created while the other still exists.
  name              = "/aws/vendedlogs/${var.name}-rest-api"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_lambda_permission" "this" {
  for_each = var.functions

  # As above, a name of its own.
  statement_id  = "rest-api"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = each.value.name
  qualifier     = each.value.alias
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/*/*"
}
