package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"

	"github.com/cert-manager/cert-manager/pkg/acme"
	listers "github.com/cert-manager/cert-manager/pkg/client/listers/acme/v1"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http"
)

// challenges has cert-manager's own solver put up what answers an HTTP-01 challenge, and take it away once that has ended. In place of
// pkg/controller/acmechallenges, which asks an ACME server, and has the clients of all DNS providers in it.
type challenges struct {
	lister listers.ChallengeLister
	solver *http.Solver
}

func init() {
	const name = "challenges"
	controller.Register(name, func(factory *controller.ContextFactory) (controller.Interface, error) {
		return controller.NewBuilder(factory, name).For(&challenges{}).Complete()
	})
}

func (c *challenges) Register(ctx *controller.Context) (workqueue.TypedRateLimitingInterface[types.NamespacedName], []cache.InformerSynced, error) {
	solver, err := http.NewSolver(ctx)
	if err != nil {
		return nil, nil, err
	}
	known := ctx.SharedInformerFactory.Acme().V1().Challenges()
	c.solver, c.lister = solver, known.Lister()
	queue := workqueue.NewTypedRateLimitingQueue(controller.DefaultItemBasedRateLimiter())
	if _, err := known.Informer().AddEventHandler(controller.QueuingEventHandler(queue)); err != nil {
		return nil, nil, err
	}
	synced := []cache.InformerSynced{known.Informer().HasSynced, ctx.KubeSharedInformerFactory.Ingresses().Informer().HasSynced}
	for _, name := range []string{"pods", "services"} {
		resource := ctx.HTTP01ResourceMetadataInformersFactory.ForResource(corev1.SchemeGroupVersion.WithResource(name))
		synced = append(synced, resource.Informer().HasSynced)
	}
	return queue, synced, nil
}

func (c *challenges) ProcessItem(ctx context.Context, key types.NamespacedName) error {
	challenge, err := c.lister.Challenges(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		// What was put up for it is its own, and goes with it.
		return nil
	}
	if err != nil {
		return err
	}
	if acme.IsFinalState(challenge.Status.State) {
		return c.solver.CleanUp(ctx, challenge)
	}
	return c.solver.Present(ctx, nil, challenge)
}
