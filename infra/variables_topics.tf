# Notifications and alarms

variable "notification_email" {
  description = "Address that notifications are sent to; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.notification_email == "" || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.notification_email))
    error_message = "notification_email must be an e-mail address, or empty."
  }
}

variable "alarm_email" {
  description = "Address that alarms are sent to; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.alarm_email == "" || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alarm_email))
    error_message = "alarm_email must be an e-mail address, or empty."
  }
}

variable "monitoring" {
  description = "How much is watched: `full`, or `lean` for an environment that few depend on, which has no dashboard and alarms only on what would lose data."
  type        = string
  default     = "full"

  validation {
    condition     = contains(["full", "lean"], var.monitoring)
    error_message = "monitoring must be full or lean."
  }
}
