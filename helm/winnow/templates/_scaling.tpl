{{/* What a scaler scales: a Deployment of gateways, a StatefulSet of a pool. */}}
{{- define "winnow.scaleTarget" -}}
apiVersion: apps/v1
kind: {{ ternary "Deployment" "StatefulSet" (eq .role "gateway") }}
name: {{ include "winnow.objectName" . }}
{{- end -}}
