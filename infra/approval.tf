locals {
  approval_name = "${local.prefix}-approval"
  approval_arn  = "arn:${local.partition}:states:${local.here}:stateMachine:${local.approval_name}"

  # Known before the functions exist, so that the role's policy shows in a plan.
  workflow_function_arns = {
    for name in local.workflow_functions : name => "arn:${local.partition}:lambda:${local.here}:function:${local.function_names[name]}:live"
  }
}

resource "aws_sfn_state_machine" "approval" {
  #checkov:skip=CKV_AWS_284:enable_xray_tracing decides
  #checkov:skip=CKV_AWS_285:It logs everything but what people wrote, which include_execution_data would disclose

  name     = local.approval_name
  role_arn = aws_iam_role.approval.arn

  definition = templatefile("${path.module}/approval.asl.json", merge(
    { for name in local.workflow_functions : "${name}_arn" => module.function[name].alias_arn },
    {
      approval_timeout_seconds = var.approval_timeout_seconds
      approval_timeout_action  = var.approval_timeout_action
    },
  ))

  logging_configuration {
    level                  = "ALL"
    include_execution_data = var.approval_log_execution_data
    log_destination        = "${aws_cloudwatch_log_group.approval.arn}:*"
  }

  # Left out rather than `enabled = false`, which local clouds do not return.
  dynamic "tracing_configuration" {
    for_each = var.enable_xray_tracing ? [true] : []

    content {
      enabled = true
    }
  }

  # A state machine stays in DELETING until its executions have ended; `make destroy` stops those that wait.
  timeouts {
    delete = "15m"
  }

  # Step Functions checks at once that the role may write the log.
  depends_on = [aws_iam_role_policy.approval]
}

resource "aws_cloudwatch_log_group" "approval" {
  #checkov:skip=CKV_AWS_338:cloudwatch_retention_days decides: a year in prod, days where nobody reads logs later

  name              = "/aws/vendedlogs/${local.approval_name}"
  retention_in_days = var.cloudwatch_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_iam_role" "approval" {
  name        = "${local.approval_name}-${local.region_code}"
  description = "What the approval workflow may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = local.approval_arn }
        StringEquals = { "aws:SourceAccount" = local.account_id }
      }
    }]
  })

  permissions_boundary = local.permissions_boundary
}

resource "aws_iam_role_policy" "approval" {
  name = "rights"
  role = aws_iam_role.approval.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Effect   = "Allow"
          Action   = ["lambda:InvokeFunction"]
          Resource = values(local.workflow_function_arns)
        },
        {
          # Log delivery has no resources to name:
          # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
          Effect = "Allow"
          Action = [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
          ]
          Resource = ["*"]
        },
      ],
      # X-Ray has none either.
      var.enable_xray_tracing ? [{
        Effect = "Allow"
        Action = [
          "xray:GetSamplingRules",
          "xray:GetSamplingTargets",
          "xray:PutTelemetryRecords",
          "xray:PutTraceSegments",
        ]
        Resource = ["*"]
      }] : [],
    )
  })
}
