provider "aws" {
  region = var.aws_region

  # A local cloud accepts any credentials; these are fake on purpose.
  access_key                  = local.is_local ? "test" : null
  secret_key                  = local.is_local ? "test" : null
  skip_credentials_validation = local.is_local
  skip_metadata_api_check     = local.is_local
  skip_region_validation      = local.is_local
  # Bucket names as host names do not resolve on every machine.
  s3_use_path_style = local.is_local

  dynamic "endpoints" {
    for_each = local.is_local ? [var.aws_endpoint] : []

    content {
      apigateway     = endpoints.value
      apigatewayv2   = endpoints.value
      cloudwatch     = endpoints.value
      cognitoidp     = endpoints.value
      dynamodb       = endpoints.value
      events         = endpoints.value
      iam            = endpoints.value
      kms            = endpoints.value
      lambda         = endpoints.value
      logs           = endpoints.value
      resourcegroups = endpoints.value
      s3             = endpoints.value
      sfn            = endpoints.value
      sns            = endpoints.value
      sqs            = endpoints.value
      sts            = endpoints.value
    }
  }

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
