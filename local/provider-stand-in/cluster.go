package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// cluster is one API server as one identity sees it. Terraform runs one process for each provider alias, and a plan or an
// apply asks it about many objects at once.
type cluster struct {
	host    string
	objects dynamic.Interface
	paths   rest.Interface
	usable  func() error

	mu    sync.Mutex
	kinds map[schema.GroupVersionKind]metav1.APIResource
}

func newCluster(config *rest.Config) (*cluster, error) {
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	paths, err := rest.UnversionedRESTClientFor(dynamic.ConfigFor(config))
	if err != nil {
		return nil, err
	}
	c := &cluster{host: config.Host, objects: objects, paths: paths, kinds: map[schema.GroupVersionKind]metav1.APIResource{}}

	// Once a process, so that an API server which is down costs one timeout and not one for each object. And this request,
	// because the real provider lists all CRDs before anything else: an identity that may not has to fail here too.
	crds := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	c.usable = sync.OnceValue(func() error {
		switch _, err := objects.Resource(crds).List(context.Background(), metav1.ListOptions{Limit: 1}); {
		case apierrors.IsForbidden(err):
			return fmt.Errorf("every use of kubernetes_manifest begins with a list of the CRDs: %w", err)
		case apierrors.IsNotFound(err): // never to be taken for an object that is gone: Terraform would forget all of them
			return fmt.Errorf("this is no Kubernetes API server, or it does not know CRDs: %v", err)
		default:
			return err
		}
	})
	return c, nil
}

// manifestError says why a manifest cannot be meant for this API server.
type manifestError struct{ summary, detail string }

func (e manifestError) Error() string { return e.summary + ": " + e.detail }

// client finds where an object lives in the API.
func (c *cluster) client(r reference) (dynamic.ResourceInterface, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	version, err := schema.ParseGroupVersion(r.apiVersion)
	if err != nil {
		return nil, err
	}
	kind, err := c.kind(version, r)
	if err != nil {
		return nil, err
	}
	objects := c.objects.Resource(version.WithResource(kind.Name))
	switch {
	case kind.Namespaced && r.namespace == "":
		return nil, manifestError{"Namespace required", "Objects of this kind live in a namespace: set metadata.namespace."}
	case !kind.Namespaced && r.namespace != "":
		return nil, manifestError{"Cluster level resource cannot take namespace", "Remove metadata.namespace."}
	case kind.Namespaced:
		return objects.Namespace(r.namespace), nil
	}
	return objects, nil
}

// kind asks each group version once. What is not found is not remembered: its CRD may be made by the very same run.
func (c *cluster) kind(version schema.GroupVersion, r reference) (metav1.APIResource, error) {
	c.mu.Lock() // held while asking, so that a thousand manifests of one kind make one request
	defer c.mu.Unlock()
	if found, ok := c.kinds[version.WithKind(r.kind)]; ok {
		return found, nil
	}
	// By hand: client-go's own discovery brings every type of Kubernetes along, which triples the build.
	root := "/apis"
	if version.Group == "" {
		root = "/api"
	}
	answer, err := c.paths.Get().AbsPath(root, version.Group, version.Version).DoRaw(context.Background())
	var list metav1.APIResourceList
	if err == nil {
		err = json.Unmarshal(answer, &list)
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return metav1.APIResource{}, err
	}
	for _, served := range list.APIResources {
		if !strings.Contains(served.Name, "/") { // not a subresource
			c.kinds[version.WithKind(served.Kind)] = served
		}
	}
	found, ok := c.kinds[version.WithKind(r.kind)]
	if !ok {
		return metav1.APIResource{}, manifestError{"API did not recognize GroupVersionKind from manifest (CRD may not be installed)", fmt.Sprintf(
			"The API server does not serve kind %q in %q. A CRD must be installed before its objects are planned: in an earlier stack.", r.kind, r.apiVersion)}
	}
	return found, nil
}
