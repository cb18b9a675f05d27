# One key for everything that is stored: tables, queues, topics, logs, buckets, environment variables.
resource "aws_kms_key" "this" {
  description             = "Everything that ${local.prefix} stores"
  enable_key_rotation     = true
  deletion_window_in_days = local.protect_data ? 30 : 7
  policy                  = jsonencode(local.key_policy)
}

resource "aws_kms_alias" "this" {
  name          = local.key_alias
  target_key_id = aws_kms_key.this.key_id
}

locals {
  # Patterns of the log groups' names. A REST API's own log has the API's id in its name, which is unknown in a plan.
  log_groups = concat(
    ["/aws/lambda/${local.prefix}-*", "/aws/vendedlogs/${local.prefix}-*"],
    local.api_type == "rest" ? ["API-Gateway-Execution-Logs_*"] : [],
    local.has_waf ? ["aws-waf-logs-${local.prefix}"] : [],
  )

  # For queues and topics: they resolve the key's alias with each message, so they need not wait for the key.
  key_alias = "alias/${local.prefix}"

  # In a key policy "*" is the key itself.
  key_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        # Without it the key could not be administered; it also lets IAM policies grant its use.
        Sid       = "AccountAdministersTheKey"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LogGroupsOfThisDeployment"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.aws_region}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [
              for name in local.log_groups :
              "arn:${local.partition}:logs:${local.here}:log-group:${name}"
            ]
          }
        }
      },
      {
        # Into encrypted queues, and on AWS the bus itself.
        Sid       = "EventsOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
      {
        # Into the encrypted topic of the alarms.
        Sid       = "AlarmsOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
    ]
  }
}
