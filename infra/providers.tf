provider "aws" {
  region = var.aws_region

  # A local cloud is at AWS_ENDPOINT_URL, as for AWS's own tools: an `endpoints` block would be the same, but each
  # run of Terraform takes 5 s longer with one, which the provider spends on checking it. A local cloud accepts any
  # credentials; these are fake on purpose, so that without that variable AWS refuses every call.
  access_key                  = local.is_local ? "test" : null
  secret_key                  = local.is_local ? "test" : null
  skip_credentials_validation = local.is_local
  skip_metadata_api_check     = local.is_local
  skip_region_validation      = local.is_local
  # Bucket names as host names do not resolve on every machine.
  s3_use_path_style = local.is_local

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
