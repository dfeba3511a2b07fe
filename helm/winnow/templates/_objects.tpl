{{/* Heads of objects, so that templates say what is theirs alone. */}}

{{/* Metadata of a component's object. Input: a component; `suffix` is put behind its name. */}}
{{- define "winnow.metadata" -}}
metadata:
  name: {{ include "winnow.objectName" . }}{{ .suffix }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "winnow.labels" . | nindent 4 }}
  {{- with mustMergeOverwrite (deepCopy .root.Values.commonAnnotations) (.annotations | default dict) }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Metadata of an object of the release. Input: dict of root and suffix. */}}
{{- define "winnow.releaseMetadata" -}}
metadata:
  name: {{ include "winnow.fullname" .root }}{{ .suffix }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "winnow.releaseLabels" .root | nindent 4 }}
  {{- with .labels }}
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with mustMergeOverwrite (deepCopy .root.Values.commonAnnotations) (.annotations | default dict) }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
