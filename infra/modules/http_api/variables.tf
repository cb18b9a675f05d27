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

variable "scopes" {
  description = "Route to the scope that a token needs for it; `public` for none."
  type        = map(string)
}

variable "tokens" {
  description = "Issuer and audience of accepted tokens; null to allow every request."
  type = object({
    issuer   = string
    audience = list(string)
  })
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
  description = "Write a line for each request."
  type        = bool
}

variable "log_retention_days" {
  description = "How long access logs are kept, in days."
  type        = number
}

variable "kms_key_arn" {
  description = "Key for the access logs."
  type        = string
}
