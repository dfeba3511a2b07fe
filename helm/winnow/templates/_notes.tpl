{{/* What helm says after an install or upgrade. */}}
{{- define "winnow.notes" -}}
{{- $gateway := include "winnow.serviceName" (dict "root" . "role" "gateway") -}}
Winnow {{ .Chart.AppVersion }} as '{{ .Release.Name }}' in '{{ .Release.Namespace }}': {{ len .Values.models }} model(s), {{ len .Values.workerPools }} worker pool(s).

1. Wait until the gateway serves a model, and ask it:

   kubectl -n {{ .Release.Namespace }} rollout status deployment/{{ $gateway }} --timeout=15m
   helm test {{ .Release.Name }} -n {{ .Release.Namespace }}

2. Reach the API:
{{ if .Values.ingress.enabled }}
   {{ ternary "https" "http" (ne .Values.ingress.tlsSecret "") }}://{{ first .Values.ingress.hosts }}/v1
{{- else if .Values.httpRoute.enabled }}
   through the Gateway of httpRoute.parentRefs{{ with .Values.httpRoute.hostnames }}, under {{ first . }}{{ end }}
{{- else }}
   kubectl -n {{ .Release.Namespace }} port-forward service/{{ $gateway }} 8080:{{ int .Values.gateway.service.port }}
   curl http://127.0.0.1:8080/v1/models{{ if not .Values.apiKeys.anonymous }} -H "Authorization: Bearer $WINNOW_API_KEY"{{ end }}
{{- end }}
{{ if .Values.apiKeys.anonymous }}
   WARNING: apiKeys.anonymous lets everybody in who reaches the gateway.
{{- else if .Values.apiKeys.existingSecret }}
   Keys are those of the Secret '{{ .Values.apiKeys.existingSecret }}', which 'winnow keys' makes.
{{- else }}
   The key of this release, with every scope:

   export WINNOW_API_KEY=$(kubectl -n {{ .Release.Namespace }} get secret {{ include "winnow.generatedSecret" . }} -o jsonpath='{.data.api-key}' | base64 -d)
{{- end }}

3. Watch it: kubectl -n {{ .Release.Namespace }} get pods -l app.kubernetes.io/instance={{ .Release.Name }}
{{- if not .Values.models }}

NOTE: models is empty, so no gateway becomes ready. Give models in values, or load one: winnow models load NAME --model URL --gateway http://127.0.0.1:8080
{{- end }}
{{- if eq .Values.tls.mode "none" }}

WARNING: tls.mode is 'none': processes talk to each other in plain text, and the cluster token with them. Set tls.mode to 'certManager' or 'secrets' where others share the network.
{{- end }}
{{- if not .Values.networkPolicy.enabled }}

WARNING: networkPolicy.enabled is false: every pod of this Kubernetes cluster reaches Orleans' ports, which have no protection of their own.
{{- end }}
{{- if and .Values.gateway.modelStore.enabled (ne .Values.tls.mode "none") }}

WARNING: the gateways' model store speaks plain HTTP and is sent the cluster token. Whoever reads it along the way can read models, but call no process: those ask for a certificate too.
{{- end }}
{{- if not (include "winnow.hasDatabase" .) }}

NOTE: there is one silo. While it is away nothing is placed; what runs goes on. Set postgresql.existingSecret for several.
{{- end }}

A model that is taken out of values is not unloaded: winnow models unload NAME.
{{- end -}}
