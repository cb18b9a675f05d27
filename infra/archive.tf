locals {
  archive_bucket_name = "${local.prefix}-archive-${local.account_id}-${local.region_code}"
  archive_bucket_arn  = "arn:${local.partition}:s3:::${local.archive_bucket_name}"
}

# Completed tasks, as they were on completion; the table removes them after retention_days.
module "archive_bucket" {
  source = "./modules/bucket"

  name          = local.archive_bucket_name
  kms_key_arn   = aws_kms_key.this.arn
  force_destroy = !local.protect_data
  require_tls   = !local.is_local

  # Stream records that were too large for a dead letter, which itself is kept for 14 days. Local clouds take a minute
  # to create such rules. There are no moves to cheaper storage classes: S3 moves no object below 128 KB.
  expirations = local.is_local ? {} : { "parked/" = 30 }
}
