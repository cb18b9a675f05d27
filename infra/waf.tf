# AWS WAF in front of a REST API: limits the requests of an address, and blocks common attacks.
locals {
  has_waf = var.waf_rate_limit > 0

  # Priority → AWS's own rule group.
  waf_managed_rules = {
    1 = "AWSManagedRulesAmazonIpReputationList"
    2 = "AWSManagedRulesKnownBadInputsRuleSet"
    3 = "AWSManagedRulesCommonRuleSet"
  }

  # Rules that only count, by group. They block bodies over 8 KB, and those that hold an address or markup, which a task's
  # description may be and hold; the API validates bodies itself.
  # https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
  waf_counting_rules = {
    AWSManagedRulesCommonRuleSet = [
      "CrossSiteScripting_BODY",
      "EC2MetaDataSSRF_BODY",
      "GenericLFI_BODY",
      "GenericRFI_BODY",
      "SizeRestrictions_BODY",
    ]
  }
}

resource "aws_wafv2_web_acl" "this" {
  count = local.has_waf ? 1 : 0

  name        = local.prefix
  description = "Before the API of ${local.prefix}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "rate-of-one-address"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit              = var.waf_rate_limit
        aggregate_key_type = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${local.prefix}-rate"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.waf_managed_rules

    content {
      name     = rule.value
      priority = rule.key

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          name        = rule.value
          vendor_name = "AWS"

          dynamic "rule_action_override" {
            for_each = lookup(local.waf_counting_rules, rule.value, [])

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${local.prefix}-${rule.value}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.prefix
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  count = local.has_waf ? 1 : 0

  web_acl_arn  = aws_wafv2_web_acl.this[0].arn
  resource_arn = module.rest_api[0].stage_arn
}

# Requests that were blocked, without their tokens. WAF prescribes how the name begins.
resource "aws_cloudwatch_log_group" "waf" {
  #checkov:skip=CKV_AWS_338:cloudwatch_retention_days decides: a year in prod, days where nobody reads logs later

  count = local.has_waf ? 1 : 0

  name              = "aws-waf-logs-${local.prefix}"
  retention_in_days = var.cloudwatch_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  count = local.has_waf ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.this[0].arn
  log_destination_configs = [aws_cloudwatch_log_group.waf[0].arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }
    }
  }
}
