locals {
  paths = toset([for route in keys(var.routes) : split(" ", route)[1]])

  document = {
    openapi = "3.0.1"
    info    = { title = var.name, version = "1" }
    paths = {
      for path in setunion(local.paths, [local.anything]) : path => merge(
        {
          for route, function in var.routes : lower(split(" ", route)[0]) => merge(local.operation[path], {
            x-amazon-apigateway-integration = merge(local.call, { uri = var.functions[function].invoke_arn })
          }) if split(" ", route)[1] == path
        },
        {
          x-amazon-apigateway-any-method = merge(local.operation[path], {
            x-amazon-apigateway-integration = merge(local.call, { uri = var.functions[var.otherwise].invoke_arn })
          })
        },
        # As a loop, because the arms of a condition must have one type.
        { for method, preflight in { options = local.preflight } : method => merge(local.operation[path], preflight) if local.cors },
      )
    }
    x-amazon-apigateway-gateway-responses = {
      DEFAULT_4XX = local.refusal
      DEFAULT_5XX = local.refusal
      # RFC 6585, section 4. The limit is one on requests per second.
      THROTTLED = merge(local.refusal, {
        responseParameters = merge(local.refusal.responseParameters, {
          "gatewayresponse.header.Retry-After" = "'1'"
        })
      })
    }
  }

  # The integration with a function.
  call = { type = "aws_proxy", httpMethod = "POST" }

  # Every other path. Each path's any-method does the same for methods that the path does not have.
  anything = "/{proxy+}"

  # The gateway's own answers, as when it throttles: problems, too (RFC 9457). `messageString` includes its quotes.
  refusal = {
    responseTemplates = {
      "application/json" = "{\"title\": $context.error.messageString, \"correlationId\": \"$context.requestId\"}"
    }
    responseParameters = merge(local.gateway_headers, {
      "gatewayresponse.header.Content-Type" = "'application/problem+json'"
    })
  }

  # What every operation on a path has.
  operation = {
    for path in setunion(local.paths, [local.anything]) : path => {
      parameters = [
        for name in regexall("{([^}+]+)\\+?}", path) : { name = name[0], in = "path", required = true, schema = { type = "string" } }
      ]
      responses = {}
    }
  }
}

# Cross-origin calls, which HTTP APIs handle by themselves. Here the gateway answers a browser's preflight requests;
# functions add the headers to all other answers (CORS_ALLOWED_ORIGINS).
locals {
  cors       = length(var.cross_origin.origins) > 0
  any_origin = contains(var.cross_origin.origins, "*")

  cors_headers = {
    Access-Control-Allow-Methods = join(",", var.cross_origin.methods)
    Access-Control-Allow-Headers = join(",", var.cross_origin.request_headers)
    Access-Control-Max-Age       = tostring(var.cross_origin.max_age)
  }

  fixed_headers = merge(local.cors_headers, { for name in ["Access-Control-Allow-Origin"] : name => "*" if local.any_origin })

  # Answers that come from the gateway itself can name one origin only.
  gateway_headers = {
    for name, value in {
      Access-Control-Allow-Origin   = local.any_origin ? "*" : join(",", var.cross_origin.origins)
      Access-Control-Expose-Headers = join(",", var.cross_origin.exposed_headers)
    } : "gatewayresponse.header.${name}" => "'${value}'"
    if local.any_origin || length(var.cross_origin.origins) == 1
  }

  # Velocity: names the caller's origin if it is one of those allowed.
  allow_origin = <<-EOT
    #set($origin = $input.params('Origin'))
    #if("$origin" == "")#set($origin = $input.params('origin'))#end
    #foreach($allowed in ${jsonencode(var.cross_origin.origins)})
    #if("$allowed" == "$origin")
    #set($context.responseOverride.header.Access-Control-Allow-Origin = "$origin")
    #set($context.responseOverride.header.Vary = "Origin")
    #end
    #end
  EOT

  preflight = {
    responses = {
      "204" = {
        description = "What pages of other origins may do"
        headers     = { for name in keys(local.fixed_headers) : name => { schema = { type = "string" } } }
      }
    }
    x-amazon-apigateway-integration = {
      type             = "mock"
      requestTemplates = { "application/json" = jsonencode({ statusCode = 204 }) }
      responses = {
        default = {
          statusCode         = "204"
          responseParameters = { for name, value in local.fixed_headers : "method.response.header.${name}" => "'${value}'" }
          responseTemplates  = { "application/json" = local.any_origin ? "" : local.allow_origin }
        }
      }
    }
  }
}
