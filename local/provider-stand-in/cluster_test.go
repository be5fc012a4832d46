package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
)

// apiServer answers as an API server does that serves these kinds in example.com/v1; asked counts the discoveries.
func apiServer(t *testing.T, kinds func() string) (c *cluster, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/customresourcedefinitions"):
			fmt.Fprint(w, `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinitionList","items":[]}`)
		case r.URL.Path == "/apis/example.com/v1":
			asked.Add(1)
			fmt.Fprintf(w, `{"apiVersion":"v1","kind":"APIResourceList","groupVersion":"example.com/v1","resources":[%s]}`, kinds())
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	c, err := newCluster(&rest.Config{Host: server.URL, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	return c, asked
}

const tenants = `{"name":"tenants","kind":"Tenant","namespaced":false},{"name":"tenants/status","kind":"Tenant","namespaced":false}`

func TestAThousandObjectsOfOneKindAskOnceWhatItIs(t *testing.T) {
	c, asked := apiServer(t, func() string { return tenants })
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			if _, err := c.client(reference{"example.com/v1", "Tenant", "", fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestAKindIsFoundAsSoonAsItsCRDIsThere(t *testing.T) {
	served := ""
	c, _ := apiServer(t, func() string { return served })
	tenant := reference{"example.com/v1", "Tenant", "", "acme"}
	_, err := c.client(tenant)
	if !errors.As(err, new(manifestError)) || !strings.Contains(err.Error(), "API did not recognize GroupVersionKind") {
		t.Fatalf("got %v", err)
	}
	served = tenants
	if _, err := c.client(tenant); err != nil {
		t.Fatal(err)
	}
}

func TestAKindWithoutNamespacesRefusesOneAndTheOtherWayRound(t *testing.T) {
	c, _ := apiServer(t, func() string { return tenants + `,{"name":"notes","kind":"Note","namespaced":true}` })
	for _, wrong := range []reference{{"example.com/v1", "Tenant", "ns", "a"}, {"example.com/v1", "Note", "", "a"}} {
		if _, err := c.client(wrong); !errors.As(err, new(manifestError)) {
			t.Errorf("%v: got %v", wrong, err)
		}
	}
	if _, err := c.client(reference{"example.com/v1", "Note", "ns", "a"}); err != nil {
		t.Error(err)
	}
}

// A read takes "not found" for "deleted", so a server that finds nothing must not say it.
func TestAServerThatIsNoAPIServerIsNotOneWithoutObjects(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	c, err := newCluster(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.client(reference{"v1", "Namespace", "", "a"}); err == nil || apierrors.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
}
