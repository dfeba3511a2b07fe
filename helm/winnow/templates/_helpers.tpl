{{/*
Names, labels and the list of components. A component is a dict of
  root    the top-level context
  role    gateway, silo or worker: which executable runs
  name    what its objects are called behind the release: gateway, silo, worker-POOL
  pool    name of the worker pool, for workers
  values  its values; of a pool those of the pool over `worker`
*/}}

{{- define "winnow.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 32 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 32 characters: with a pool's 12, names of StatefulSets keep below the 52 that leave room for a revision in their label. */}}
{{- define "winnow.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 32 | trimSuffix "-" -}}
{{- else if contains (include "winnow.name" .) .Release.Name -}}
{{- .Release.Name | trunc 32 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "winnow.name" .) | trunc 32 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Every component, as a JSON array without `root`; callers add that. */}}
{{- define "winnow.components" -}}
{{- $all := list (dict "role" "gateway" "name" "gateway" "values" .Values.gateway) (dict "role" "silo" "name" "silo" "values" .Values.silo) -}}
{{- range .Values.workerPools -}}
{{- $values := mustMergeOverwrite (deepCopy $.Values.worker) (deepCopy .) -}}
{{- $all = append $all (dict "role" "worker" "name" (printf "worker-%s" .name) "pool" .name "values" $values) -}}
{{- end -}}
{{- $all | toJson -}}
{{- end -}}

{{/* Name of a component's objects. */}}
{{- define "winnow.objectName" -}}
{{- printf "%s-%s" (include "winnow.fullname" .root) .name -}}
{{- end -}}

{{/* The Service that a role's pods are found under; headless for silos and workers. */}}
{{- define "winnow.serviceName" -}}
{{- printf "%s-%s" (include "winnow.fullname" .root) .role -}}
{{- end -}}

{{- define "winnow.serviceAccountName" -}}
{{- .values.serviceAccount.name | default (include "winnow.objectName" .) -}}
{{- end -}}

{{/* Labels of the release that selectors may use: they never change. Input: the top-level context. */}}
{{- define "winnow.releaseSelector" -}}
app.kubernetes.io/name: {{ include "winnow.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels of a whole role, every pool of workers together. Input: dict of root and role. */}}
{{- define "winnow.roleSelector" -}}
{{ include "winnow.releaseSelector" .root }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{/* Labels of one component's pods. */}}
{{- define "winnow.selector" -}}
{{ include "winnow.roleSelector" . }}
{{- with .pool }}
winnow-pool: {{ . }}
{{- end }}
{{- end -}}

{{/* Labels of objects that belong to no component. Input: the top-level context. */}}
{{- define "winnow.releaseLabels" -}}
{{ include "winnow.releaseSelector" . }}
{{ include "winnow.commonLabels" . }}
{{- end -}}

{{- define "winnow.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of a component's objects. */}}
{{- define "winnow.labels" -}}
{{ include "winnow.selector" . }}
{{ include "winnow.commonLabels" .root }}
{{- end -}}

{{/* Labels of an object of a whole role. Input: dict of root and role. */}}
{{- define "winnow.roleLabels" -}}
{{ include "winnow.roleSelector" . }}
{{ include "winnow.commonLabels" .root }}
{{- end -}}

{{/* Ports by role: name, number. `http` has health and metrics everywhere, and of the gateway the API. */}}
{{- define "winnow.ports" -}}
{{- $ports := dict
      "gateway" (dict "http" 8080 "grpc" 8090)
      "silo" (dict "http" 7011 "grpc" 7010 "orleans-silo" 11111 "orleans-gw" 30000)
      "worker" (dict "http" 7021 "grpc" 7020) -}}
{{- get $ports . | toJson -}}
{{- end -}}

{{/* A port's number. Input: list of role and name. */}}
{{- define "winnow.port" -}}
{{- get (include "winnow.ports" (first .) | fromJson) (last .) | int -}}
{{- end -}}

{{/* Whether silos share a database: "true" or nothing. */}}
{{- define "winnow.hasDatabase" -}}
{{- if .Values.postgresql.existingSecret -}}true{{- end -}}
{{- end -}}

{{/* Whether any model, or a part of one, is fetched from a server outside: "true" or nothing. */}}
{{- define "winnow.fetchesModels" -}}
{{- if regexMatch "https?://" (toJson .Values.models) -}}true{{- end -}}
{{- end -}}

{{/* The Secret of a role's certificate. Input: dict of root and role. */}}
{{- define "winnow.tlsSecret" -}}
{{- if eq .root.Values.tls.mode "certManager" -}}
{{- printf "%s-tls" (include "winnow.serviceName" .) -}}
{{- else -}}
{{- get .root.Values.tls.secrets .role -}}
{{- end -}}
{{- end -}}

{{/* Scheme of gRPC between processes. Input: the top-level context. */}}
{{- define "winnow.scheme" -}}
{{- ternary "http" "https" (eq .Values.tls.mode "none") -}}
{{- end -}}

{{/* The Secret with the cluster token, and the one with the generated key. */}}
{{- define "winnow.generatedSecret" -}}
{{- printf "%s-generated" (include "winnow.fullname" .) -}}
{{- end -}}

{{- define "winnow.tokenSecret" -}}
{{- .Values.clusterToken.existingSecret | default (include "winnow.generatedSecret" .) -}}
{{- end -}}

{{/* Bytes of a quantity such as 20Gi. */}}
{{- define "winnow.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := regexFind "[A-Za-z]*$" (toString .) -}}
{{- mul (trimSuffix $unit (toString .) | int64) (get $units $unit | int64) -}}
{{- end -}}
