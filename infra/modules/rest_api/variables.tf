variable "name" {
  description = "Name of the API."
  type        = string
}

variable "routes" {
  description = "Route, such as `GET /tasks/{taskId}`, to the name of a function in `functions`."
  type        = map(string)
}

variable "functions" {
  description = "The functions behind the routes."
  type = map(object({
    name       = string
    alias      = string
    invoke_arn = string
  }))
}

variable "otherwise" {
  description = "Name of the function that answers unmatched routes."
  type        = string
}

variable "cross_origin" {
  description = "Origins whose pages may call the API from a browser, what they may send and see, and for how many seconds a browser may remember that."
  type = object({
    origins         = list(string)
    methods         = list(string)
    request_headers = list(string)
    exposed_headers = list(string)
    max_age         = number
  })
}

variable "throttling_rate_limit" {
  description = "Requests per second in the long run."
  type        = number
}

variable "throttling_burst_limit" {
  description = "Requests at once."
  type        = number
}

variable "access_logs" {
  description = "Write a log line for each request and each error; needs the region's CloudWatch role for API Gateway."
  type        = bool
}

variable "tracing" {
  description = "Trace requests with X-Ray."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How long access logs are kept, in days."
  type        = number
}

variable "kms_key_arn" {
  description = "Key for the access logs."
  type        = string
}

variable "auth_mode" {
  description = "How callers authenticate. Only `none` (no authentication) is supported here."
  type        = string
  default     = "none"
}
