# Permissions

variable "permissions_boundary" {
  description = "Name of an IAM policy in the account that is the permissions boundary of every role of the deployment; empty for none. The roles of CI can create roles only with their boundary."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{0,128}$", var.permissions_boundary))
    error_message = "permissions_boundary must be the name of an IAM policy, without its ARN."
  }
}
