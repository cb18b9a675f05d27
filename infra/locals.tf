locals {
  is_local = var.target == "local"
  # Data in a local cloud is disposable.
  protect_data = coalesce(var.protect_data, !local.is_local)
  prefix       = "${var.project_name}-${var.environment}"

  # eu-central-1 as euc1. It ends the names that must differ between regions: roles and dashboards belong to the
  # account, bucket names to all of AWS. So the same environment fits into a second region.
  region_words = split("-", var.aws_region)
  region_code  = "${local.region_words[0]}${local.compass[local.region_words[1]]}${local.region_words[2]}"
  compass = {
    north     = "n", south = "s", east = "e", west = "w", central = "c",
    northeast = "ne", northwest = "nw", southeast = "se", southwest = "sw",
  }

  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  # The part of this deployment's ARNs between service and resource.
  here = "${var.aws_region}:${local.account_id}"

  permissions_boundary = var.permissions_boundary == "" ? null : "arn:${local.partition}:iam::${local.account_id}:policy/${var.permissions_boundary}"

  package = jsondecode(file(var.package_manifest))

  tags = {
    Project     = var.project_name
    Environment = var.environment
    ManagedBy   = "terraform"
  }
}
