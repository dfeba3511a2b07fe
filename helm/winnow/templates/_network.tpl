{{/* Who dials whom within the cluster, and nothing else does: from, to, port. docs/architecture.md draws it. */}}
{{- define "winnow.arrows" -}}
- [gateway, silo, orleans-gw]    # grains: catalogue, leases, sessions
- [gateway, worker, grpc]        # steps and drafts
- [gateway, gateway, grpc]       # to the one that coordinates a replica
- [worker, silo, grpc]           # registration and beats
- [worker, worker, grpc]         # hidden states to the next shard
- [silo, worker, grpc]           # loads, and whether it still listens
- [silo, gateway, grpc]          # whether a lease's holder still listens
- [silo, silo, orleans-silo]     # grains on other silos
{{- if .Values.gateway.modelStore.enabled }}
- [gateway, gateway, http]       # the model store
- [silo, gateway, http]
- [worker, gateway, http]
{{- end }}
{{- if .Values.test.enabled }}
- [test, gateway, http]          # helm test
{{- end }}
{{- end -}}

{{/* A peer of the same release. Input: dict of root and role. */}}
{{- define "winnow.peer" -}}
- podSelector:
    matchLabels: {{- include "winnow.roleSelector" . | nindent 6 }}
{{- end -}}

{{- define "winnow.tcp" -}}
- {protocol: TCP, port: {{ . }}}
{{- end -}}

{{/* Ingress rules of a role. Input: dict of root and role. */}}
{{- define "winnow.ingressRules" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- range include "winnow.arrows" .root | fromYamlArray }}
{{- if eq (index . 1) $.role }}
- from: {{- include "winnow.peer" (dict "root" $.root "role" (index . 0)) | nindent 4 }}
  ports: {{- include "winnow.port" (list (index . 1) (index . 2)) | include "winnow.tcp" | nindent 4 }}
{{- end }}
{{- end }}
{{- if eq .role "gateway" }}
# Clients of the API, which asks for a key. Without peers: everybody.
- ports: {{- include "winnow.port" (list "gateway" "http") | include "winnow.tcp" | nindent 4 }}
  {{- with $policy.clients }}
  from: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- if ne .role "test" }}
{{- with $policy.monitoring }}
- from: {{- toYaml . | nindent 4 }}
  ports: {{- include "winnow.port" (list $.role "http") | include "winnow.tcp" | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Egress rules of a role. Input: dict of root and role. */}}
{{- define "winnow.egressRules" -}}
{{- $policy := .root.Values.networkPolicy -}}
- to: {{- toYaml $policy.dns | nindent 4 }}
  ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- range include "winnow.arrows" .root | fromYamlArray }}
{{- if eq (index . 0) $.role }}
- to: {{- include "winnow.peer" (dict "root" $.root "role" (index . 1)) | nindent 4 }}
  ports: {{- include "winnow.port" (list (index . 1) (index . 2)) | include "winnow.tcp" | nindent 4 }}
{{- end }}
{{- end }}
{{- if ne .role "test" }}
{{- if and (include "winnow.hasDatabase" .root) (ne .role "worker") }}
- ports: {{- $policy.database.port | int | include "winnow.tcp" | nindent 4 }}
  {{- with $policy.database.to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- if include "winnow.fetchesModels" .root }}
- to: {{- toYaml $policy.modelServers.to | nindent 4 }}
  ports:
    {{- range $policy.modelServers.ports }}
    {{- int . | include "winnow.tcp" | nindent 4 }}
    {{- end }}
{{- end }}
{{- with $policy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}
