// Of the kubelet (cAdvisor) and kube-state-metrics, for pods that Prometheus scrapes as Winnow's: their names are nobody's business.
import { ofPool, panel } from "./queries.mjs";

const scraped = `up{${ofPool},role=~"gateway|silo|worker"}`;
const inNamespace = 'namespace=~"$namespace"';

/** Restricts series that have a pod to Winnow's, of the chosen pools. */
const ours = (expr) => `${expr} and on (namespace, pod) ${scraped}`;

const byPod = (metric, selector = "") => `sum by (namespace, pod) (${metric}{${inNamespace}${selector}})`;
const ratePod = (metric, selector = "") => `sum by (namespace, pod) (rate(${metric}{${inNamespace}${selector}}[$__rate_interval]))`;
const containers = ',container!="",container!="POD"';
const pods = (expr) => ({ expr: ours(expr), legend: "{{pod}}" });
const cpu = ratePod("container_cpu_usage_seconds_total", containers);
const memory = byPod("container_memory_working_set_bytes", containers);

export default {
  name: "kubernetes",
  title: "Kubernetes resources",
  description: "Pods, CPU, memory, network and volumes, as Kubernetes measures them. Needs the metrics of kubelets and kube-state-metrics.",
  rows: [
    {
      title: "Pods",
      panels: [
        panel("Scraped pods", "short", "Pods whose metrics were read, by role and pool. A pod that does not answer is missing here.",
          [{ expr: `sum by (role, pool) (${scraped})`, legend: "{{role}} {{pool}}" }]),
        panel("Pods that are not ready", "short", "Pods that Kubernetes gives no traffic to.", [pods(`(1 - ${byPod("kube_pod_status_ready", ',condition="true"')}) > 0`)]),
        panel("Restarts", "short", "Restarts of containers in the last hour.", [pods(`sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{${inNamespace}}[1h]))`)]),
      ],
    },
    {
      title: "CPU",
      panels: [
        panel("Use of CPU", "suffix: cores", "Cores that a pod's containers use.", [pods(cpu)]),
        panel("CPU over requests", "percentunit", "Cores that a pod uses over those it requests.", [pods(`${cpu} / ${byPod("kube_pod_container_resource_requests", ',resource="cpu"')}`)]),
        panel("Throttled", "percentunit", "Part of a pod's scheduling periods in which its CPU limit held it up. Nothing without limits.",
          [pods(`${ratePod("container_cpu_cfs_throttled_periods_total", containers)} / ${ratePod("container_cpu_cfs_periods_total", containers)}`)], { max: 1 }),
      ],
    },
    {
      title: "Memory",
      panels: [
        panel("Working set", "bytes", "Memory of a pod that cannot be taken back without swapping; what counts against its limit.", [pods(memory)]),
        panel("Memory over limits", "percentunit", "Working set over the pod's memory limit. Its container is killed at 100%.", [pods(`${memory} / ${byPod("kube_pod_container_resource_limits", ',resource="memory"')}`)]),
        panel("Killed for memory", "short", "Containers whose last end was for memory (OOMKilled).",
          [pods(`${byPod("kube_pod_container_status_last_terminated_reason", ',reason="OOMKilled"')} > 0`)]),
      ],
    },
    {
      title: "Network and devices",
      panels: [
        panel("Received", "Bps", "Bytes that a pod received.", [pods(ratePod("container_network_receive_bytes_total"))]),
        panel("Sent", "Bps", "Bytes that a pod sent.", [pods(ratePod("container_network_transmit_bytes_total"))]),
        panel("GPUs", "short", "GPUs that a pod requests, used or not.", [pods(byPod("kube_pod_container_resource_requests", ',resource="nvidia_com_gpu"'))]),
      ],
    },
    {
      title: "Volumes",
      panels: [
        panel("Use of volumes", "percentunit", "Used bytes of a volume claim over its capacity: state of a lone silo, caches of workers, the volume of models.",
          [{
            expr: `max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${inNamespace}} / kubelet_volume_stats_capacity_bytes{${inNamespace}}) `
              + `and on (namespace, persistentvolumeclaim) (kube_pod_spec_volumes_persistentvolumeclaims_info{${inNamespace}} and on (namespace, pod) ${scraped})`,
            legend: "{{persistentvolumeclaim}}",
          }], { max: 1 }),
      ],
    },
  ],
};
