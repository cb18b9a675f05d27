# Approval

variable "approval_timeout_seconds" {
  description = "How long a high-priority task waits for a decision before approval_timeout_action decides."
  type        = number
  default     = 86400

  validation {
    condition     = var.approval_timeout_seconds >= 1 && var.approval_timeout_seconds <= 31536000 && floor(var.approval_timeout_seconds) == var.approval_timeout_seconds
    error_message = "approval_timeout_seconds is a whole number from 1 to a year's 31536000."
  }
}

variable "approval_timeout_action" {
  description = "What a decision that nobody took in time is: `reject` or `approve`."
  type        = string
  default     = "reject"

  validation {
    condition     = contains(["approve", "reject"], var.approval_timeout_action)
    error_message = "approval_timeout_action is `approve` or `reject`."
  }
}

variable "approval_log_execution_data" {
  description = "Write what the workflow's states are given and give into its log: helps in development, discloses reasons and approvers."
  type        = bool
  default     = false
}
