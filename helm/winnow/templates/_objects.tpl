{{/* Heads of objects, so that templates say what is theirs alone. Each takes `annotations` too. */}}

{{/* Input: dict of root, name, and labels as YAML. */}}
{{- define "winnow.head" -}}
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- .labels | nindent 4 }}
  {{- with mustMergeOverwrite (deepCopy .root.Values.commonAnnotations) (.annotations | default dict) }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Of a component's object. Input: a component. */}}
{{- define "winnow.metadata" -}}
{{- include "winnow.head" (dict "root" .root "name" (include "winnow.objectName" .) "labels" (include "winnow.labels" .) "annotations" .annotations) -}}
{{- end -}}

{{/* Of an object of a whole role. Input: dict of root and role; `name` when it is not called after the role. */}}
{{- define "winnow.roleMetadata" -}}
{{- include "winnow.head" (dict "root" .root "name" (.name | default (include "winnow.serviceName" .)) "labels" (include "winnow.roleLabels" .) "annotations" .annotations) -}}
{{- end -}}

{{/* Of an object of the release. Input: dict of root, and suffix of its name; `labels` are added. */}}
{{- define "winnow.releaseMetadata" -}}
{{- $labels := include "winnow.releaseLabels" .root | fromYaml -}}
{{- include "winnow.head" (dict "root" .root "name" (printf "%s%s" (include "winnow.fullname" .root) .suffix) "labels" (mustMergeOverwrite $labels (.labels | default dict) | toYaml) "annotations" .annotations) -}}
{{- end -}}
