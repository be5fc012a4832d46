package main

import (
	"context"
	"fmt"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// cluster is one API server as one identity sees it. Terraform runs one process for each provider alias, and a plan or an
// apply asks it about many objects at once.
type cluster struct {
	host      string
	objects   dynamic.Interface
	discovery discovery.DiscoveryInterface
	usable    func() error

	mu    sync.Mutex
	kinds map[schema.GroupVersionKind]metav1.APIResource
}

func newCluster(config *rest.Config) (*cluster, error) {
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	finder, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	c := &cluster{host: config.Host, objects: objects, discovery: finder, kinds: map[schema.GroupVersionKind]metav1.APIResource{}}

	// Once a process, so that an API server which is down or refuses the credentials costs one request and not one for each
	// object. The real provider lists all CRDs before anything else; an identity that may not list them has to fail here too.
	crds := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	c.usable = sync.OnceValue(func() error {
		_, err := objects.Resource(crds).List(context.Background(), metav1.ListOptions{Limit: 1})
		return err
	})
	return c, nil
}

// unknownKindError is thrown when the API server does not serve a manifest's apiVersion and kind.
type unknownKindError struct{ reference reference }

func (e unknownKindError) Error() string {
	return fmt.Sprintf("the API server does not serve kind %q in %q", e.reference.kind, e.reference.apiVersion)
}

// scopeError is thrown when a manifest names a namespace and its kind has none, or the other way round.
type scopeError struct{ message string }

func (e scopeError) Error() string { return e.message }

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
		return nil, scopeError{fmt.Sprintf("Namespace required: a %s lives in a namespace, set metadata.namespace", r.kind)}
	case !kind.Namespaced && r.namespace != "":
		return nil, scopeError{fmt.Sprintf("Cluster level resource cannot take namespace: remove metadata.namespace from this %s", r.kind)}
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
	list, err := c.discovery.ServerResourcesForGroupVersion(version.String())
	if err != nil && !apierrors.IsNotFound(err) {
		return metav1.APIResource{}, err
	}
	if err == nil {
		for _, served := range list.APIResources {
			key := version.WithKind(served.Kind)
			if _, ok := c.kinds[key]; !ok && served.Group == "" && served.Version == "" { // not a subresource: they name their own
				c.kinds[key] = served
			}
		}
	}
	found, ok := c.kinds[version.WithKind(r.kind)]
	if !ok {
		return metav1.APIResource{}, unknownKindError{r}
	}
	return found, nil
}
