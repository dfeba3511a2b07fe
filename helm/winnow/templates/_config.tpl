{{/*
Settings of a component, as one executable reads them with --config: what `config` and the pool say, and over it what the chart knows.
Values that differ from pod to pod, and secrets, are environment variables instead (_pod.tpl).
*/}}

{{- define "winnow.config" -}}
{{- $sections := dict "gateway" (list "Gateway" "Limits" "Coordinator" "Replica" "Models") "silo" (list "Silo" "Models") "worker" (list "Worker" "Models") -}}
{{- $given := dict -}}
{{- range get $sections .role -}}
{{- $_ := set $given . (deepCopy (get $.root.Values.config . | default dict)) -}}
{{- end -}}
{{- if eq .role "worker" -}}
{{- $_ := set $given "Worker" (mustMergeOverwrite $given.Worker (deepCopy .values.config)) -}}
{{- end -}}
{{- $ofRole := include (printf "winnow.config.%s" .role) . | fromYaml -}}
{{- $ofAll := include "winnow.config.all" . | fromYaml -}}
{{- mustMergeOverwrite $given $ofRole $ofAll | toPrettyJson -}}
{{- end -}}

{{- define "winnow.config.gateway" -}}
{{- $values := .root.Values -}}
Gateway:
  Listen: http://*:{{ include "winnow.port" (list "gateway" "http") }}
  GrpcListen: {{ include "winnow.scheme" .root }}://*:{{ include "winnow.port" (list "gateway" "grpc") }}
  {{- /* Accepts plain gRPC between pods, and clients without a key where there are no keys. Where there are, they are asked for. */}}
  Insecure: {{ or (eq $values.tls.mode "none") $values.apiKeys.anonymous }}
  {{- if and $values.apiKeys.existingSecret (not $values.apiKeys.anonymous) }}
  KeysFile: /etc/winnow/keys/{{ $values.apiKeys.key }}
  {{- end }}
  {{- if include "winnow.hasDatabase" .root }}
  Clustering: postgresql
  ConnectionStringFile: /etc/winnow/database/{{ $values.postgresql.key }}
  {{- else }}
  Clustering: static
  {{- end }}
  DrainSeconds: {{ int .values.drainSeconds }}
  {{- with .values.modelStore }}
  {{- if .enabled }}
  ModelStore: {{ .path | default $values.modelVolume.mountPath }}
  {{- end }}
  {{- end }}
{{- $drafters := dict -}}
{{- range $values.models -}}
{{- if .drafter -}}{{- $_ := set $drafters .name .drafter -}}{{- end -}}
{{- end }}
{{- if $drafters }}
Coordinator:
  ModelDrafters: {{ toJson $drafters }}
{{- end }}
{{- end -}}

{{- define "winnow.config.silo" -}}
{{- $values := .root.Values -}}
Silo:
  Listen: {{ include "winnow.scheme" .root }}://*:{{ include "winnow.port" (list "silo" "grpc") }}
  HttpListen: http://*:{{ include "winnow.port" (list "silo" "http") }}
  OrleansSiloPort: {{ include "winnow.port" (list "silo" "orleans-silo") }}
  OrleansGatewayPort: {{ include "winnow.port" (list "silo" "orleans-gw") }}
  {{- /* Orleans' ports, which gateways in other pods dial, have no protection of their own: the NetworkPolicies let gateways and silos in, and nobody else. */}}
  Insecure: true
  {{- if include "winnow.hasDatabase" .root }}
  Clustering: postgresql
  Storage: postgresql
  ConnectionStringFile: /etc/winnow/database/{{ $values.postgresql.key }}
  {{- else }}
  Clustering: single
  Storage: file
  DataDirectory: /var/lib/winnow/silo
  {{- end }}
  {{- if $values.models }}
  Models:
  {{- range $values.models }}
    {{- $model := dict }}
    {{- range $key, $value := omit . "drafter" }}
    {{- $_ := set $model (printf "%s%s" (substr 0 1 $key | upper) (substr 1 -1 $key)) $value }}
    {{- end }}
    - {{ toJson $model }}
  {{- end }}
  {{- end }}
{{- end -}}

{{- define "winnow.config.worker" -}}
{{- $scheme := include "winnow.scheme" .root -}}
{{- $silo := include "winnow.serviceName" (dict "root" .root "role" "silo") -}}
Worker:
  Listen: {{ $scheme }}://*:{{ include "winnow.port" (list "worker" "grpc") }}
  HttpListen: http://*:{{ include "winnow.port" (list "worker" "http") }}
  Insecure: {{ eq $scheme "http" }}
  SiloAddresses:
  {{- range $i := until (int .root.Values.silo.replicas) }}
    - {{ $scheme }}://{{ $silo }}-{{ $i }}.{{ $silo }}.{{ $.root.Release.Namespace }}.svc:{{ include "winnow.port" (list "silo" "grpc") }}
  {{- end }}
  Role: {{ .values.role }}
  Device: {{ include "winnow.device" . }}
  KvType: {{ .values.kvType }}
  DrainSeconds: {{ int .values.drainSeconds }}
{{- end -}}

{{/* What a worker computes on: all the GPUs of its pod, which share every layer, or what the pool says. */}}
{{- define "winnow.device" -}}
{{- if .values.device -}}
{{- .values.device -}}
{{- else if gt (int .values.gpus) 0 -}}
{{- $devices := list -}}
{{- range $i := until (int .values.gpus) -}}
{{- $devices = append $devices (printf "cuda:%d" $i) -}}
{{- end -}}
{{- join "+" $devices -}}
{{- else -}}
cpu
{{- end -}}
{{- end -}}

{{- define "winnow.config.all" -}}
Models:
  CacheDirectory: /var/cache/winnow/models
  {{- /* A tenth is left: a limit is looked at before a fetch begins, and a pod over its volume's size is evicted. */}}
  CacheBytes: {{ div (mul (include "winnow.bytes" .values.cache.size) 9) 10 }}
  {{- if .root.Values.gateway.modelStore.enabled }}
  StoreAddresses:
    - http://{{ include "winnow.fullname" .root }}-model-store.{{ .root.Release.Namespace }}.svc:{{ include "winnow.port" (list "gateway" "http") }}
  {{- end }}
Process:
  ShutdownSeconds: {{ int .root.Values.shutdownSeconds }}
Logging:
  LogLevel:
    Default: {{ .root.Values.logLevel }}
{{- if ne .root.Values.tls.mode "none" }}
Tls:
  Certificate: /etc/winnow/tls/tls.crt
  Key: /etc/winnow/tls/tls.key
  Authority: /etc/winnow/tls/ca.crt
  PeerName: {{ .root.Values.tls.peerName }}
{{- end }}
{{- end -}}
