resource "aws_iam_role" "this" {
  name        = var.role_name
  description = "What ${var.name} may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "rights" {
  name = "rights"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:${local.partition}:logs:${local.here}:log-group:${local.log_group}:*"]
      }],
      # A new function may name a resource before it is known what it does with it.
      [
        for right in var.rights : { Effect = "Allow", Action = right.actions, Resource = right.resources }
        if length(right.actions) > 0
      ],
      # X-Ray has no resources to name.
      var.tracing ? [{
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = ["*"]
      }] : [],
    )
  })
}

# A policy of its own, because the key's ARN is unknown before it exists: the other rights show in every plan.
resource "aws_iam_role_policy" "key" {
  count = length(local.kms_callers) > 0 || var.encrypt_environment ? 1 : 0

  name = "key"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      length(local.kms_callers) == 0 ? [] : [{
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = [var.kms_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = local.kms_callers_hosts } }
      }],
      # The function's own environment variables. Lambda's grant for them names the role as it was at that time: after the
      # role was created again under the same name, the function could not start without this.
      # https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors
      !var.encrypt_environment ? [] : [{
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [var.kms_key_arn]
        Condition = { StringEquals = { "kms:EncryptionContext:aws:lambda:FunctionArn" = local.function_arn } }
      }],
    )
  })
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition         = data.aws_partition.current.partition
  here              = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  function_arn      = "arn:${local.partition}:lambda:${local.here}:function:${var.name}"
  kms_callers_hosts = [for service in local.kms_callers : "${service}.${data.aws_region.current.name}.amazonaws.com"]
}
