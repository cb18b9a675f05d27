# Alarms for operators. Each description says what to do first, and names its section of docs/operations.md.
locals {
  alarm_names = { for key in keys(local.alarms) : key => "${local.prefix}-${replace(key, "_", "-")}" }
  alarm_arns  = { for key, name in local.alarm_names : key => "arn:${local.partition}:cloudwatch:${local.here}:alarm:${name}" }

  # The environment in the commands of descriptions.
  env = local.is_local ? "" : " ENV=${var.environment}"

  # HTTP APIs and REST APIs have the same metrics under different names.
  api_metrics = {
    http = {
      requests      = "Count"
      client_errors = "4xx"
      server_errors = "5xx"
      latency       = "Latency"
      dimensions    = { ApiId = local.api.id, Stage = local.api.stage }
    }
    rest = {
      requests      = "Count"
      client_errors = "4XXError"
      server_errors = "5XXError"
      latency       = "Latency"
      dimensions    = { ApiName = local.prefix, Stage = local.api.stage }
    }
  }[local.api_type]

  queue_names = { for name, function in local.queue_functions : name => "${local.prefix}-${function.trigger.queue}" }
  dead_letter_queue_names = merge(
    { for name, queue in local.queue_names : name => "${queue}-dead-letters" },
    { for name in keys(local.stream_functions) : name => "${local.function_names[name]}-dead-letters" },
    { for queue in aws_sqs_queue.undeliverable : "event_bus" => queue.name },
  )
}

# An alarm is on one metric, or on an expression over several. It goes off when more than `threshold` was seen in
# `periods` periods of `seconds` in a row.
locals {
  alarms = { for key, alarm in merge(
    local.function_alarms,
    local.event_alarms,
    local.delivery_alarms,
    local.table_alarms,
    local.api_alarms,
    local.approval_alarms,
  ) : key => alarm if var.monitoring == "full" || contains(local.lean_sections, alarm.section) }

  # What waits too long or was given up is lost in the end; whatever else fails is repeated, or seen by its caller.
  lean_sections = ["dead-letters", "queue-lag", "stream-lag", "undelivered-events"]

  function_alarms = merge([for name, full in local.function_names : {
    "${name}-errors" = {
      section = "lambda-errors", threshold = 10, periods = 1, seconds = 300, expression = null
      todo    = "${full} fails. Read its errors: make logs FN=${name}${local.env}."
      metrics = { errors = { namespace = "AWS/Lambda", name = "Errors", stat = "Sum", dimensions = { FunctionName = full } } }
    }
    "${name}-throttles" = {
      section = "lambda-throttles", threshold = 5, periods = 1, seconds = 300, expression = null
      todo    = "Lambda throttles ${full}: no concurrency is left. Compare concurrency with its limit."
      metrics = { throttles = { namespace = "AWS/Lambda", name = "Throttles", stat = "Sum", dimensions = { FunctionName = full } } }
    }
  }]...)

  event_alarms = merge(
    { for name in keys(local.stream_functions) : "${name}-iterator-age" => {
      section = "stream-lag", threshold = 60000, periods = 5, seconds = 60, expression = null
      todo    = "${local.function_names[name]} is more than a minute behind its stream. See whether it fails or is too slow: make logs FN=${name}${local.env}."
      metrics = { age = { namespace = "AWS/Lambda", name = "IteratorAge", stat = "Maximum", dimensions = { FunctionName = local.function_names[name] } } }
    } },
    { for name, queue in local.queue_names : "${name}-queue-age" => {
      section = "queue-lag", threshold = 600, periods = 1, seconds = 300, expression = null
      todo    = "A message has waited in ${queue} for more than ten minutes. See whether its function fails or is too slow: make logs FN=${name}${local.env}."
      metrics = { age = { namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", stat = "Maximum", dimensions = { QueueName = queue } } }
    } },
    { for name in keys(local.queue_names) : "${name}-failures" => {
      section = "reaction-failures", threshold = 10, periods = 1, seconds = 300, expression = null
      todo    = "${local.function_names[name]} fails: its queue retries the messages, which become dead letters after the third time. Read why: make logs FN=${name}${local.env}."
      metrics = { failures = { namespace = "TaskManager", name = "ReactionFailures", stat = "Sum", dimensions = { environment = var.environment, service = replace(name, "_", "-") } } }
    } },
    { for name, queue in local.dead_letter_queue_names : "${name}-dead-letters" => {
      section = "dead-letters", threshold = 0, periods = 1, seconds = 60, expression = null
      todo    = "There are dead letters in ${queue}. Read why: make dead-letters${local.env}. When the cause is fixed: make redrive${local.env}."
      metrics = { messages = { namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", stat = "Maximum", dimensions = { QueueName = queue } } }
    } },
  )

  # Indexes are throttled apart from their table. CloudWatch ignores gaps in the metrics of AWS/DynamoDB whatever
  # treat_missing_data says, and these exist only while something is throttled: without the zeros of TIME_SERIES an
  # alarm would never return to OK.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  table_alarms = { for name, full in local.table_names : "${name}-table-throttles" => {
    section = "table-throttles", threshold = 0, periods = 1, seconds = 300, expression = "SUM(METRICS()) + TIME_SERIES(0)"
    todo    = "DynamoDB throttles ${full} or one of its indexes. Look for a hot key or a sudden load."
    metrics = merge([for part, dimensions in merge(
      { table = { TableName = full } },
      { for index in keys(local.tables[name].indexes) : replace(index, "-", "_") => { TableName = full, GlobalSecondaryIndexName = index } },
      ) : {
      for way in ["Read", "Write"] : "${lower(way)}_${part}" => {
        namespace = "AWS/DynamoDB", name = "${way}ThrottleEvents", stat = "Sum", dimensions = dimensions
      }
    }]...)
  } }

  # Local buses ignore the dead-letter queues of targets.
  delivery_alarms = {
    for key in ["undelivered-events"] : key => {
      section = "undelivered-events", threshold = 0, periods = 1, seconds = 300, expression = "SUM(METRICS())"
      todo    = "EventBridge lost events: neither a queue nor its dead-letter queue accepted them. Find out why the queues refuse them, then replay the events of that time: make replay${local.env}."
      metrics = { for name, queue in local.queue_names : name => {
        namespace  = "AWS/Events", name = "InvocationsFailedToBeSentToDlq", stat = "Sum"
        dimensions = { EventBusName = local.event_bus_name, RuleName = queue }
      } }
    } if !local.is_local
  }

  api_alarms = { for key, alarm in {
    "api-5xx" = {
      section = "api-errors", threshold = 10, periods = 1, seconds = 300, expression = null
      todo    = "The API answers 5xx. Read what fails: make logs${local.env}."
      metrics = { errors = [local.api_metrics.server_errors, "Sum"] }
    }
    # Of few requests one failure is many percent: the other alarm covers those.
    "api-error-rate" = {
      section = "api-errors", threshold = 5, periods = 3, seconds = 60, expression = "IF(requests >= 20, 100 * errors / requests, 0)"
      todo    = "More than 5 % of the requests fail with 5xx. If a release is new, roll it back; then make logs${local.env}."
      metrics = { errors = [local.api_metrics.server_errors, "Sum"], requests = [local.api_metrics.requests, "Sum"] }
    }
    "api-latency" = {
      section = "api-latency", threshold = 2000, periods = 3, seconds = 60, expression = null
      todo    = "One request in a hundred takes longer than two seconds. See on the dashboard which function is slow, and whether it starts cold."
      metrics = { latency = [local.api_metrics.latency, "p99"] }
    }
    } : key => merge(alarm, {
      metrics = { for id, metric in alarm.metrics : id => {
        namespace = "AWS/ApiGateway", name = metric[0], stat = metric[1], dimensions = local.api_metrics.dimensions
      } }
  }) }

  approval_alarms = {
    "approval-failures" = {
      section = "approval-failures", threshold = 0, periods = 1, seconds = 300, expression = "SUM(METRICS())"
      todo    = "An approval workflow failed: its task waits until the execution is redriven. Find the failed state in the execution's history, fix the cause, then redrive the execution: it resumes in that state."
      metrics = { for end in ["Failed", "TimedOut", "Aborted"] : lower(end) => {
        namespace = "AWS/States", name = "Executions${end}", stat = "Sum", dimensions = { StateMachineArn = local.approval_arn }
      } }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = local.alarm_names[each.key]
  alarm_description = "${each.value.todo} Runbook: docs/operations.md#${each.value.section}"
  alarm_actions     = [local.topic_arns["alarms"]]
  ok_actions        = [local.topic_arns["alarms"]]

  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  # Nothing happened, so nothing went wrong.
  treat_missing_data = "notBreaching"

  # One metric.
  namespace          = each.value.expression == null ? one(values(each.value.metrics)).namespace : null
  metric_name        = each.value.expression == null ? one(values(each.value.metrics)).name : null
  dimensions         = each.value.expression == null ? one(values(each.value.metrics)).dimensions : null
  period             = each.value.expression == null ? each.value.seconds : null
  statistic          = each.value.expression == null && !startswith(values(each.value.metrics)[0].stat, "p") ? values(each.value.metrics)[0].stat : null
  extended_statistic = each.value.expression == null && startswith(values(each.value.metrics)[0].stat, "p") ? values(each.value.metrics)[0].stat : null

  # Several metrics, and an expression over them.
  dynamic "metric_query" {
    for_each = each.value.expression == null ? [] : [each.value.expression]

    content {
      id          = "result"
      expression  = metric_query.value
      label       = each.key
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = { for id, metric in each.value.metrics : id => metric if each.value.expression != null }

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.stat
        period      = each.value.seconds
      }
    }
  }
}
