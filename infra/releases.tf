# Which version of each function made up a release. The bucket keeps the older ones, and `make rollback` reads them.
resource "aws_s3_object" "release" {
  bucket       = module.code_bucket.name
  key          = "releases/newest.json"
  content_type = "application/json"

  content = jsonencode({
    package  = local.package.key
    versions = { for name, function in module.function : name => function.version }
  })

  # Written after the functions have their new versions.
  depends_on = [module.function]
}

# Gradual deployments by CodeDeploy: `make deploy` gives it the versions.
locals {
  gradual = var.deployment_preference != "all-at-once"

  deployment_configs = {
    canary = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    linear = "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
  }

  # Alarms that roll a new version back: its function's errors, and the failures that callers or the queue see.
  rollback_alarms = {
    for name, function in local.functions : name => concat(
      ["${name}-errors"],
      function.trigger.type == "http" ? ["api-5xx", "api-error-rate"] : [],
      function.trigger.type == "queue" ? ["${name}-failures"] : [],
    )
  }
}

resource "aws_codedeploy_app" "this" {
  count = local.gradual ? 1 : 0

  name             = local.prefix
  compute_platform = "Lambda"
}

resource "aws_codedeploy_deployment_group" "this" {
  for_each = local.gradual ? local.function_names : {}

  app_name               = aws_codedeploy_app.this[0].name
  deployment_group_name  = each.value
  deployment_config_name = local.deployment_configs[var.deployment_preference]
  service_role_arn       = aws_iam_role.deployment[0].arn

  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
  }

  alarm_configuration {
    enabled = true
    alarms  = [for key in local.rollback_alarms[each.key] : local.alarm_names[key]]
  }

  depends_on = [aws_cloudwatch_metric_alarm.this]
}

resource "aws_iam_role" "deployment" {
  count = local.gradual ? 1 : 0

  name        = "${local.prefix}-deployment-${local.region_code}"
  description = "Moves calls from one version of a function to the next"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codedeploy.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })

  permissions_boundary = local.permissions_boundary
}

resource "aws_iam_role_policy" "deployment" {
  #checkov:skip=CKV_AWS_355:CodeDeploy asks for all alarms in one call, as in AWS's own policy for it

  count = local.gradual ? 1 : 0

  name = "rights"
  role = aws_iam_role.deployment[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
        # Each with its aliases and versions.
        Resource = flatten([
          for name in values(local.function_names) :
          [for suffix in ["", ":*"] : "arn:${local.partition}:lambda:${local.here}:function:${name}${suffix}"]
        ])
      },
      {
        # Alarms can only be described all at once.
        Effect   = "Allow"
        Action   = ["cloudwatch:DescribeAlarms"]
        Resource = ["*"]
      },
    ]
  })
}
