# The package of all functions, under a content-addressed key: old versions stay for rollbacks until they are
# removed, and an unchanged package is never uploaded twice.
module "code_bucket" {
  source = "./modules/bucket"

  name          = "${local.prefix}-code-${local.account_id}-${local.region_code}"
  kms_key_arn   = aws_kms_key.this.arn
  force_destroy = !local.protect_data
  require_tls   = !local.is_local
}

resource "aws_s3_object" "package" {
  bucket = module.code_bucket.name
  key    = local.package.key
  source = "${dirname(var.package_manifest)}/${local.package.file}"

  lifecycle {
    # The functions move to the new package before the old one is removed.
    create_before_destroy = true
  }
}
