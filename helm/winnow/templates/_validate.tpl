{{/*
What no schema can say: values that do not fit each other. All mistakes are told at once, each with what was asked for, what stands against it, and what to do.
*/}}
{{- define "winnow.validate" -}}
{{- $errors := list -}}
{{- $v := .Values -}}
{{- $database := include "winnow.hasDatabase" . -}}
{{- if and (gt (int $v.silo.replicas) 1) (not $database) -}}
{{- $errors = append $errors (printf "silo.replicas '%d' need a database that silos share; set postgresql.existingSecret, or silo.replicas to 1." (int $v.silo.replicas)) -}}
{{- end -}}
{{- if and (eq $v.tls.mode "secrets") (not (and $v.tls.secrets.gateway $v.tls.secrets.silo $v.tls.secrets.worker)) -}}
{{- $errors = append $errors "tls.mode 'secrets' needs a Secret for every role; set tls.secrets.gateway, tls.secrets.silo and tls.secrets.worker." -}}
{{- end -}}
{{- $names := list -}}
{{- $roles := list -}}
{{- range include "winnow.components" . | fromJsonArray -}}
{{- $component := set . "root" $ -}}
{{- if eq .role "worker" -}}
{{- if has .pool $names -}}
{{- $errors = append $errors (printf "workerPools has two pools named '%s'; names are unique." .pool) -}}
{{- end -}}
{{- $names = append $names .pool -}}
{{- $roles = append $roles .values.role -}}
{{- end -}}
{{- $scaling := include "winnow.scaling" $component -}}
{{- if and (eq $scaling "keda") (not $v.keda.prometheusAddress) -}}
{{- $errors = append $errors (printf "autoscaling.kind 'keda' of '%s' asks Prometheus; set keda.prometheusAddress." .name) -}}
{{- end -}}
{{- if and (ne $scaling "none") (lt (int .values.autoscaling.maxReplicas) (int .values.autoscaling.minReplicas)) -}}
{{- $errors = append $errors (printf "autoscaling.maxReplicas '%d' of '%s' is less than its minReplicas '%d'; give at least as many." (int .values.autoscaling.maxReplicas) .name (int .values.autoscaling.minReplicas)) -}}
{{- end -}}
{{- if and (eq $scaling "hpa") (not .values.autoscaling.cpuPercent) (not .values.autoscaling.metrics) -}}
{{- $errors = append $errors (printf "autoscaling.kind 'hpa' of '%s' has nothing to scale by; set its cpuPercent or metrics." .name) -}}
{{- end -}}
{{- end -}}
{{- if not (or (has "target" $roles) (has "both" $roles)) -}}
{{- $errors = append $errors "workerPools has no pool for targets, so that no model can be placed; set the role of one to 'target' or 'both'." -}}
{{- end -}}
{{- $models := list -}}
{{- range $v.models -}}
{{- if has .name $models -}}
{{- $errors = append $errors (printf "models has two models named '%s'; names are unique." .name) -}}
{{- end -}}
{{- $models = append $models .name -}}
{{- if and .draftPath (not (or (has "draft" $roles) (has "both" $roles))) -}}
{{- $errors = append $errors (printf "models: '%s' has a draft model, but no pool takes one; set the role of one to 'draft' or 'both'." .name) -}}
{{- end -}}
{{- end -}}
{{- if and (contains "gateway://" (toJson $v.models)) (not $v.gateway.modelStore.enabled) -}}
{{- $errors = append $errors "models has a path 'gateway://…', but no gateway has a model store; set gateway.modelStore.enabled." -}}
{{- end -}}
{{- if and $v.gateway.modelStore.enabled (not $v.gateway.modelStore.path) (not $v.modelVolume.enabled) -}}
{{- $errors = append $errors "gateway.modelStore has nothing to serve; set modelVolume.enabled, or gateway.modelStore.path to a directory that the gateways have." -}}
{{- end -}}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) -}}
{{- $errors = append $errors "httpRoute.enabled needs the Gateway it belongs to; set httpRoute.parentRefs." -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) -}}
{{- $errors = append $errors "ingress.enabled needs names to be reached under; set ingress.hosts." -}}
{{- end -}}
{{- if and $v.monitoring.podMonitor.enabled $v.monitoring.serviceMonitor.enabled -}}
{{- $errors = append $errors "monitoring has both podMonitor and serviceMonitor enabled, which would scrape every pod twice; enable one." -}}
{{- end -}}
{{- if $errors -}}
{{- fail (printf "\n\n%s\n" (join "\n" $errors)) -}}
{{- end -}}
{{- end -}}
