{{/* How pods are scraped, by a PodMonitor or a ServiceMonitor; series get `role` and, of workers, `pool`. */}}
{{- define "winnow.scrape" -}}
port: http
path: /metrics
interval: {{ .Values.monitoring.interval }}
scrapeTimeout: {{ .Values.monitoring.scrapeTimeout }}
relabelings:
  - sourceLabels: [__meta_kubernetes_pod_label_app_kubernetes_io_component]
    targetLabel: role
  - sourceLabels: [__meta_kubernetes_pod_label_winnow_pool]
    targetLabel: pool
{{- end -}}
