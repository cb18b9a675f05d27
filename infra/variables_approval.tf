# Approval

variable "approval_timeout_seconds" {
  description = "How long a high-priority task waits for a decision before approval_timeout_action decides."
  type        = number
  default     = 86400

  validation {
    condition     = var.approval_timeout_seconds >= 1 && var.approval_timeout_seconds <= 31536000 && floor(var.approval_timeout_seconds) == var.approval_timeout_seconds
    error_message = "approval_timeout_seconds must be a whole number from 1 to a year's 31536000."
  }
}

variable "approval_timeout_action" {
  description = "The decision when nobody decides in time: `reject` or `approve`."
  type        = string
  default     = "reject"

  validation {
    condition     = contains(["approve", "reject"], var.approval_timeout_action)
    error_message = "approval_timeout_action must be `approve` or `reject`."
  }
}

variable "approval_log_execution_data" {
  description = "Log input and output of the workflow's states: helps in development, but discloses reasons and approvers."
  type        = bool
  default     = false
}
