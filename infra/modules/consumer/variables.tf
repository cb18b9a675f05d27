variable "name" {
  description = "Name of the queue, and of the rule that fills it."
  type        = string
}

variable "event_bus_name" {
  description = "The bus that the events are on."
  type        = string
}

variable "event_source" {
  description = "The source of the events to take."
  type        = string
}

variable "rule_arn" {
  description = "ARN that the rule will have; given, so that the queues need not wait for the bus."
  type        = string
}

variable "detail_types" {
  description = "The events to take."
  type        = list(string)
}

variable "function_alias_arn" {
  description = "The function that handles the events."
  type        = string
}

variable "function_role_name" {
  description = "The function's role, which gets the rights to read."
  type        = string
}

variable "visibility_timeout_seconds" {
  description = "Visibility timeout: how long a received message stays hidden before it is delivered again, unless it was deleted."
  type        = number
}

variable "kms_key_arn" {
  description = "The key, which the function needs to read."
  type        = string
}

variable "kms_key_alias" {
  description = "The key's alias, for the queues."
  type        = string
}

variable "require_tls" {
  description = "Refuse requests without TLS; local clouds have none."
  type        = bool
}

variable "dead_letters_first" {
  description = "Create the queue only after its dead-letter queue: AWS refuses it otherwise; local clouds wait or accept it."
  type        = bool
}

variable "reserved_concurrency" {
  description = "Concurrent executions reserved for the function, which the queue's reader keeps to; 0 stops it, null sets no limit."
  type        = number
  default     = null
}
