/** Parts of the platform that run on every node. */
export const nodeComponents = ['kubelet', 'container_runtime', 'kube_proxy'] as const;
/** Parts of the platform of which a cluster has one. */
export const clusterComponents = ['scheduler', 'controller_manager', 'api_server', 'etcd'] as const;

export type NodeComponent = (typeof nodeComponents)[number];
export type ClusterComponent = (typeof clusterComponents)[number];
