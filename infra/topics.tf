# Topics for people, with an e-mail subscription if there is an address.
locals {
  topics = {
    # Status changes, and tasks that wait for an approval.
    notifications = { email = var.notification_email, services = {} }
    # Alarms for operators, published by CloudWatch for this deployment only.
    alarms = {
      email    = var.alarm_email
      services = { cloudwatch = "arn:${local.partition}:cloudwatch:${local.here}:alarm:${local.prefix}-*" }
    }
  }

  topic_names = { for topic in keys(local.topics) : topic => "${local.prefix}-${topic}" }
  # Known before the topics exist, so that policies show in a plan.
  topic_arns = { for topic, name in local.topic_names : topic => "arn:${local.partition}:sns:${local.here}:${name}" }
}

resource "aws_sns_topic" "this" {
  for_each = local.topics

  name              = local.topic_names[each.key]
  kms_master_key_id = local.key_alias

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "ThisAccount"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
        Action    = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:Subscribe"]
        Resource  = local.topic_arns[each.key]
      }],
      [for service, source in each.value.services : {
        Sid       = "${title(service)}OfThisDeployment"
        Effect    = "Allow"
        Principal = { Service = "${service}.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arns[each.key]
        Condition = {
          ArnLike      = { "aws:SourceArn" = source }
          StringEquals = { "aws:SourceAccount" = local.account_id }
        }
      }],
      # Local clouds speak no TLS.
      local.is_local ? [] : [{
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.topic_arns[each.key]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
    )
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = { for topic, values in local.topics : topic => values.email if values.email != "" }

  topic_arn = aws_sns_topic.this[each.key].arn
  protocol  = "email"
  endpoint  = each.value
}
