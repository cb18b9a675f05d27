# Rights

variable "permissions_boundary" {
  description = "Name of a policy of the account that bounds what every role of the deployment may do, whatever its own policies say; empty for none. The roles of CI may create no role without theirs."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{0,128}$", var.permissions_boundary))
    error_message = "permissions_boundary is the name of an IAM policy, without its ARN."
  }
}

locals {
  permissions_boundary = var.permissions_boundary == "" ? null : "arn:${local.partition}:iam::${local.account_id}:policy/${var.permissions_boundary}"
}
