# A custom domain name of the API. API mappings support both HTTP and REST APIs.
locals {
  has_domain = var.api_domain_name != ""
}

resource "aws_apigatewayv2_domain_name" "this" {
  count = local.has_domain ? 1 : 0

  domain_name = var.api_domain_name

  domain_name_configuration {
    certificate_arn = var.api_certificate_arn
    endpoint_type   = "REGIONAL"
    # Without it the AAAA record would have no address.
    ip_address_type = "dualstack"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = local.has_domain ? 1 : 0

  api_id      = local.api.id
  stage       = local.api.stage
  domain_name = aws_apigatewayv2_domain_name.this[0].id
}

resource "aws_route53_record" "api" {
  for_each = var.api_hosted_zone_id == "" ? [] : toset(["A", "AAAA"])

  zone_id = var.api_hosted_zone_id
  name    = var.api_domain_name
  type    = each.value

  alias {
    name                   = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}
