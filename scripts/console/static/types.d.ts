// What the server sends. Times are ISO 8601, in UTC; `…Ms` are milliseconds.

export interface About {
  environment: string;
  cloud: "embedded" | "localstack" | "aws";
  readOnly: boolean;
  apiUrl: string;
  user: string;
  opened: string;
  resources: string | null;
}

export type Kind = "request" | "event" | "reaction" | "step";

/** A line of the feed. */
export interface Row {
  number: number;
  at: string;
  function: string;
  kind: Kind;
  what: string;
  ms: number | null;
  id: string | null;
  task: string | null;
  level: string;
  failed: boolean;
}

export interface Line {
  at: string;
  function: string;
  level: string;
  message: string;
  id: string | null;
  fields: Record<string, unknown>;
}

/** A step of a trace, before those that followed from it. */
export interface Hop {
  depth: number;
  kind: string;
  text: string;
  function: string | null;
  cold: boolean | null;
  startMs: number;
  durationMs: number | null;
  waitMs: number | null;
  failed: boolean;
  correlationId: string | null;
  payload: Record<string, unknown> | null;
  changes: Record<string, { old: unknown; new: unknown }> | null;
  lines: Line[];
}

export interface Trace {
  title: string;
  kind: "request" | "task";
  start: string;
  durationMs: number;
  hops: Hop[];
}

export interface Letter {
  queue: string;
  messageId: string;
  sent: string;
  ageSeconds: number;
  reason: string;
  body: string;
  correlationId: string | null;
  taskId: string | null;
}

export interface Moved {
  queue: string;
  messageId: string;
  moved: boolean;
  trouble: string;
  correlationId: string | null;
}

/** A view of the page; `refresh` is called with each part of the feed while it is shown. */
export interface View {
  title: string;
  show: (argument: string) => void;
  refresh?: (rows: Row[]) => void;
}

/** A node of a drawing, in a column and a row. */
export interface GraphNode {
  id: string;
  type: string;
  about: string;
  column: number;
  row: number;
}

export interface Arrow {
  source: string;
  target: string;
  label: string;
  aside?: boolean;
}

export interface Execution {
  name: string;
  taskId: string;
  status: string;
  started: string;
  stopped: string | null;
  states: { name: string; entered: string; left: string | null }[];
  current: string | null;
  deadline: string | null;
  task: { title: string; userId: string; version: number; description: string } | null;
}

export interface Workflow {
  nodes: GraphNode[];
  arrows: Arrow[];
  executions: Execution[];
}

export interface MapNode extends GraphNode {
  name: string;
  function: string | null;
  note: string;
  bad: boolean;
}

export interface SystemMap {
  minutes: number;
  nodes: MapNode[];
  arrows: Arrow[];
}

export interface Right {
  action: string;
  on: string;
  granted: boolean;
  used: boolean | null;
  denied: boolean;
  note: string;
}

export interface FunctionFacts {
  name: string;
  description: string;
  trigger: string;
  calls: Row[];
  errors: Row[];
  rights: Right[];
  settings: Record<string, string>;
  path: string;
  source: string;
}

export interface Tryable {
  events: string[];
  functions: { name: string; queue: string | null; actions: string[] }[];
  queues: string[];
  faults: string[];
}

export interface Invoked {
  id: string;
  event: unknown;
  answer: unknown;
  failed: boolean;
  ms: number;
  lines: Line[];
}
