# A Lambda function with its own role, log group and published version; callers use the alias `live`.

locals {
  log_group = "/aws/lambda/${var.name}"

  # Services that call KMS on behalf of their callers. SQS is not among them: functions send only to dead-letter
  # queues, which are under its own key, and the right to read a queue comes with the queue (modules/consumer).
  encrypting_services = ["dynamodb", "s3", "sns"]
  services_used       = distinct([for action in flatten(var.rights[*].actions) : split(":", action)[0]])
  kms_callers         = [for service in local.encrypting_services : service if contains(local.services_used, service)]
}

# Before the function: otherwise Lambda creates one that is kept for ever.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:cloudwatch_retention_days decides: a year in prod, days where nobody reads logs later

  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_116:Nothing calls it and goes away: the API waits, queues and streams have their dead letters, the workflow its Catch
  #checkov:skip=CKV_AWS_117:It talks to AWS alone, over TLS: a network of its own would add addresses, and nothing that they keep out
  #checkov:skip=CKV_AWS_272:The code's key is its hash, in a bucket that keeps versions; a signer would have the rights of who deploys

  function_name = var.name
  description   = var.description
  handler       = var.handler
  role          = aws_iam_role.this.arn

  package_type  = "Zip"
  s3_bucket     = var.code_bucket
  s3_key        = var.code_key
  runtime       = var.runtime
  architectures = [var.architecture]

  memory_size                    = var.memory_size
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  publish                        = true
  kms_key_arn                    = var.encrypt_environment ? var.kms_key_arn : null

  environment {
    variables = var.environment
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.this.name
    log_format = "JSON"
    # Metrics are log lines without a level, which Lambda treats as INFO: a stricter filter would drop them.
    # Powertools filters the function's own lines, by POWERTOOLS_LOG_LEVEL.
    application_log_level = var.log_level == "DEBUG" ? "DEBUG" : "INFO"
    # Platform reports of time-outs, crashes and failed starts have the level WARN; those of success, INFO.
    system_log_level = "WARN"
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "snap_start" {
    for_each = var.snap_start ? [true] : []

    content {
      apply_on = "PublishedVersions"
    }
  }

  # The role must have its rights before the first call.
  depends_on = [aws_iam_role_policy.rights, aws_iam_role_policy.key]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that is called"
  function_name    = aws_lambda_function.this.function_name
  function_version = coalesce(var.live_version, aws_lambda_function.this.version)
}
