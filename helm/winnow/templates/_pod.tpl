{{/* The pod of a component, the same for all roles: who runs, with which settings, under which restrictions. */}}

{{- define "winnow.podTemplate" -}}
{{- $values := .values -}}
{{- $all := .root.Values -}}
metadata:
  labels:
    {{- include "winnow.selector" . | nindent 4 }}
    {{- with mustMergeOverwrite (deepCopy $all.commonLabels) $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "winnow.config" . | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "winnow.serviceAccountName" . }}
  automountServiceAccountToken: false
  {{- /* A gateway without a database finds the silo by its Service's address, which Kubernetes gives as a variable. */}}
  enableServiceLinks: {{ and (eq .role "gateway") (not (include "winnow.hasDatabase" .root)) }}
  {{- with $all.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  securityContext: {{- include "winnow.podSecurity" . | nindent 4 }}
  terminationGracePeriodSeconds: {{ include "winnow.graceSeconds" . }}
  containers:
    - name: {{ .role }}
      image: {{ include "winnow.image" . }}
      imagePullPolicy: {{ $all.image.pullPolicy }}
      args: [--config, /etc/winnow/config/winnow.json]
      ports:
        {{- range $name, $port := include "winnow.ports" .role | fromJson }}
        - name: {{ $name }}
          containerPort: {{ $port }}
        {{- end }}
      env:
        {{- include "winnow.env" . | nindent 8 }}
        {{- with $values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if gt (int $values.preStopSeconds) 0 }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ int $values.preStopSeconds }}
      {{- end }}
      {{- include "winnow.probes" . | trim | nindent 6 }}
      resources: {{- include "winnow.resources" . | nindent 8 }}
      securityContext: {{- include "winnow.containerSecurity" . | nindent 8 }}
      volumeMounts:
        {{- include "winnow.mounts" . | trim | nindent 8 }}
        {{- with $values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.topologySpread }}
  topologySpreadConstraints:
    {{- range . }}
    - {{ toYaml . | nindent 6 | trim }}
      labelSelector:
        matchLabels: {{- include "winnow.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  volumes:
    {{- include "winnow.volumes" . | trim | nindent 4 }}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "winnow.image" -}}
{{- $image := .values.image -}}
{{- $tag := $image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- $name := printf "%s:%s" $image.repository $tag -}}
{{- with .root.Values.image.registry }}{{ . }}/{{ end }}{{ $name }}
{{- end -}}

{{/* The restricted pod security standard: not root, no capabilities, the runtime's seccomp profile, a root file system that is only read. */}}
{{- define "winnow.podSecurity" -}}
{{- $id := int .root.Values.runAsUser -}}
runAsNonRoot: true
runAsUser: {{ $id }}
runAsGroup: {{ $id }}
fsGroup: {{ $id }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "winnow.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* How long a pod may take to end: until nobody sends it anything new, its drain, its stop, and a little. */}}
{{- define "winnow.graceSeconds" -}}
{{- add (int .values.preStopSeconds) (int .values.drainSeconds) (int .root.Values.shutdownSeconds) 5 -}}
{{- end -}}

{{/* Started and alive while no background loop has failed; ready by the role's own conditions, not while draining. */}}
{{- define "winnow.probes" -}}
{{- range $probe, $path := dict "startupProbe" "live" "livenessProbe" "live" "readinessProbe" "ready" }}
{{ $probe }}:
  httpGet:
    path: /health/{{ $path }}
    port: http
  {{- toYaml (get $.root.Values.probes $probe) | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What the component asks for; GPUs are asked for as a limit, which is their request too. */}}
{{- define "winnow.resources" -}}
{{- $resources := deepCopy .values.resources -}}
{{- if gt (int .values.gpus) 0 -}}
{{- $_ := set $resources "limits" (set ($resources.limits | default dict) .root.Values.gpuResource (int .values.gpus)) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{/* Options that are secret or differ from pod to pod. */}}
{{- define "winnow.env" -}}
{{- $all := .root.Values -}}
{{- $scheme := include "winnow.scheme" .root -}}
{{- $token := get (dict "gateway" "Replica" "silo" "Silo" "worker" "Worker") .role -}}
- name: WINNOW_{{ $token }}__ClusterToken
  valueFrom:
    secretKeyRef:
      name: {{ include "winnow.tokenSecret" .root }}
      key: {{ ternary $all.clusterToken.key "cluster-token" (ne $all.clusterToken.existingSecret "") }}
{{- with $all.modelServers.bearerToken }}
{{- if .existingSecret }}
- name: WINNOW_Models__BearerToken
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .key }}
{{- end }}
{{- end }}
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
{{- if eq .role "gateway" }}
- name: WINNOW_Replica__GatewayAddress
  value: {{ $scheme }}://$(POD_IP):{{ include "winnow.port" (list "gateway" "grpc") }}
{{- if not (include "winnow.hasDatabase" .root) }}
- name: WINNOW_Gateway__SiloGateways__0
  value: $({{ include "winnow.siloVariable" .root }}):{{ include "winnow.port" (list "silo" "orleans-gw") }}
{{- end }}
{{- if and (not $all.apiKeys.existingSecret) (not $all.apiKeys.anonymous) }}
- name: WINNOW_Gateway__AdminKeys__0
  valueFrom:
    secretKeyRef:
      name: {{ include "winnow.generatedSecret" .root }}
      key: api-key
{{- end }}
{{- else if eq .role "silo" }}
- name: WINNOW_Silo__OrleansAddress
  value: $(POD_IP)
{{- else }}
- name: WINNOW_Worker__WorkerId
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: WINNOW_Worker__AdvertisedAddress
  value: {{ $scheme }}://$(POD_IP):{{ include "winnow.port" (list "worker" "grpc") }}
{{- if gt (int .values.gpus) 0 }}
# Kernels that the driver has compiled stay with the models.
- name: CUDA_CACHE_PATH
  value: /var/cache/winnow/cuda
{{- end }}
{{- end }}
{{- end -}}

{{/* Variable in which Kubernetes gives pods the address of the Service that leads to the only silo. */}}
{{- define "winnow.siloVariable" -}}
{{- printf "%s_SERVICE_HOST" (include "winnow.siloEntry" . | upper | replace "-" "_") -}}
{{- end -}}

{{- define "winnow.siloEntry" -}}
{{- printf "%s-silo-entry" (include "winnow.fullname" .) -}}
{{- end -}}

{{/* Volumes of a component: name, where it is mounted, and what it is. Those without a source are claims of a StatefulSet. */}}
{{- define "winnow.volumeList" -}}
{{- $all := .root.Values -}}
{{- $isStateful := ne .role "gateway" -}}
- name: config
  mountPath: /etc/winnow/config
  source:
    configMap:
      name: {{ include "winnow.objectName" . }}
- name: tmp
  mountPath: /tmp
  source:
    emptyDir:
      sizeLimit: 256Mi
- name: cache
  mountPath: /var/cache/winnow
  {{- if not (and $isStateful .values.cache.persistent) }}
  source:
    emptyDir:
      sizeLimit: {{ .values.cache.size }}
  {{- end }}
{{- if ne $all.tls.mode "none" }}
- name: tls
  mountPath: /etc/winnow/tls
  source:
    secret:
      secretName: {{ include "winnow.tlsSecret" . }}
      defaultMode: 0440
{{- end }}
{{- if and (include "winnow.hasDatabase" .root) (ne .role "worker") }}
- name: database
  mountPath: /etc/winnow/database
  source:
    secret:
      secretName: {{ $all.postgresql.existingSecret }}
      defaultMode: 0440
{{- end }}
{{- if and (eq .role "gateway") $all.apiKeys.existingSecret (not $all.apiKeys.anonymous) }}
- name: keys
  mountPath: /etc/winnow/keys
  source:
    secret:
      secretName: {{ $all.apiKeys.existingSecret }}
      defaultMode: 0440
{{- end }}
{{- if and (eq .role "silo") (not (include "winnow.hasDatabase" .root)) }}
- name: data
  mountPath: /var/lib/winnow
  {{- if not .values.data.persistent }}
  source:
    emptyDir:
      sizeLimit: {{ .values.data.size }}
  {{- end }}
{{- end }}
{{- if $all.modelVolume.enabled }}
- name: models
  mountPath: {{ $all.modelVolume.mountPath }}
  readOnly: true
  source:
    persistentVolumeClaim:
      claimName: {{ include "winnow.modelClaim" .root }}
      readOnly: true
{{- end }}
{{- if .values.shmSize }}
- name: shm
  mountPath: /dev/shm
  source:
    emptyDir:
      medium: Memory
      sizeLimit: {{ .values.shmSize }}
{{- end }}
{{- end -}}

{{- define "winnow.modelClaim" -}}
{{- .Values.modelVolume.existingClaim | default (printf "%s-models" (include "winnow.fullname" .)) -}}
{{- end -}}

{{- define "winnow.mounts" -}}
{{- range include "winnow.volumeList" . | fromYamlArray }}
- {{ toYaml (omit . "source") | nindent 2 | trim }}
{{- end }}
{{- end -}}

{{- define "winnow.volumes" -}}
{{- range include "winnow.volumeList" . | fromYamlArray }}
{{- if .source }}
- name: {{ .name }}
  {{- toYaml .source | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Claims of a StatefulSet: of its volumes those without a source. */}}
{{- define "winnow.claims" -}}
{{- range include "winnow.volumeList" . | fromYamlArray }}
{{- if not .source }}
{{- $size := get $.values .name }}
- metadata:
    name: {{ .name }}
    labels: {{- include "winnow.selector" $ | nindent 6 }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with $size.storageClassName }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests:
        storage: {{ $size.size }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A StatefulSet of a component. Its pods start at once and are replaced one by one; what workers cache goes with the release. A pool that is scaled by itself has no number of replicas. */}}
{{- define "winnow.statefulSet" -}}
apiVersion: apps/v1
kind: StatefulSet
{{ include "winnow.metadata" . }}
spec:
  serviceName: {{ include "winnow.serviceName" . }}
  podManagementPolicy: Parallel
  {{- if eq (include "winnow.scaling" .) "none" }}
  replicas: {{ int .values.replicas }}
  {{- end }}
  selector:
    matchLabels: {{- include "winnow.selector" . | nindent 6 }}
  template: {{- include "winnow.podTemplate" . | nindent 4 }}
  {{- if eq .role "worker" }}
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: Delete
    whenScaled: Retain
  {{- end }}
  {{- with include "winnow.claims" . | trim }}
  volumeClaimTemplates: {{- . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Who sets the number of a component's replicas: none, hpa or keda. */}}
{{- define "winnow.scaling" -}}
{{- dig "autoscaling" "kind" "none" .values -}}
{{- end -}}
