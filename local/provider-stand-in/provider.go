package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

type kubernetesProvider struct{}

func newProvider() provider.Provider { return kubernetesProvider{} }

// connection is the part of the real provider's configuration that is understood here; Terraform refuses the rest by name.
type connection struct {
	ConfigPath           types.String `tfsdk:"config_path"`
	ConfigContext        types.String `tfsdk:"config_context"`
	Host                 types.String `tfsdk:"host"`
	Token                types.String `tfsdk:"token"`
	ClusterCACertificate types.String `tfsdk:"cluster_ca_certificate"`
	Insecure             types.Bool   `tfsdk:"insecure"`
	Exec                 []struct {
		APIVersion types.String   `tfsdk:"api_version"`
		Command    types.String   `tfsdk:"command"`
		Args       []types.String `tfsdk:"args"`
		Env        types.Map      `tfsdk:"env"`
	} `tfsdk:"exec"`
}

func (kubernetesProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"config_path":            schema.StringAttribute{Optional: true},
			"config_context":         schema.StringAttribute{Optional: true},
			"host":                   schema.StringAttribute{Optional: true},
			"token":                  schema.StringAttribute{Optional: true},
			"cluster_ca_certificate": schema.StringAttribute{Optional: true},
			"insecure":               schema.BoolAttribute{Optional: true},
		},
		Blocks: map[string]schema.Block{
			"exec": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"api_version": schema.StringAttribute{Required: true},
				"command":     schema.StringAttribute{Required: true},
				"args":        schema.ListAttribute{Optional: true, ElementType: types.StringType},
				"env":         schema.MapAttribute{Optional: true, ElementType: types.StringType},
			}}},
		},
	}
}

func (kubernetesProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var c connection
	resp.Diagnostics.Append(req.Config.Get(ctx, &c)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, err := c.restConfig()
	if err != nil {
		resp.Diagnostics.AddError("Provider configuration: cannot load the Kubernetes client configuration", err.Error())
		return
	}
	if err := refuseRemote(config.Host); err != nil {
		resp.Diagnostics.AddError("The stand-in for hashicorp/kubernetes only talks to this machine", err.Error())
		return
	}
	cluster, err := newCluster(config)
	if err != nil {
		resp.Diagnostics.AddError("Provider configuration: cannot make a Kubernetes client", err.Error())
		return
	}
	resp.ResourceData = cluster
}

// restConfig reads the kubeconfig file, if one is named, and lets every attribute given explicitly win over it.
func (c connection) restConfig() (*rest.Config, error) {
	files := &clientcmd.ClientConfigLoadingRules{} // as the real one: ~/.kube/config only when it is named
	if path := c.ConfigPath.ValueString(); path != "" {
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			home, err := os.UserHomeDir()
			if err != nil {
				return nil, err
			}
			path = filepath.Join(home, rest)
		}
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("config_path: %w", err)
		}
		files.ExplicitPath = path
	}
	given := &clientcmd.ConfigOverrides{CurrentContext: c.ConfigContext.ValueString()}
	given.ClusterInfo.Server = c.Host.ValueString()
	given.ClusterInfo.CertificateAuthorityData = []byte(c.ClusterCACertificate.ValueString())
	given.ClusterInfo.InsecureSkipTLSVerify = c.Insecure.ValueBool()
	given.AuthInfo.Token = c.Token.ValueString()
	if len(c.Exec) > 1 {
		return nil, fmt.Errorf("only one exec block is allowed, there are %d", len(c.Exec))
	}
	for _, e := range c.Exec {
		exec := &api.ExecConfig{
			APIVersion:      e.APIVersion.ValueString(),
			Command:         e.Command.ValueString(),
			InteractiveMode: api.IfAvailableExecInteractiveMode,
		}
		for _, arg := range e.Args {
			exec.Args = append(exec.Args, arg.ValueString())
		}
		for name, value := range e.Env.Elements() {
			if value, ok := value.(types.String); ok {
				exec.Env = append(exec.Env, api.ExecEnvVar{Name: name, Value: value.ValueString()})
			}
		}
		given.AuthInfo.Exec = exec
	}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(files, given).ClientConfig()
	if err != nil {
		return nil, err
	}
	config.UserAgent = "tenantry-provider-stand-in"
	config.QPS = -1 // no limit in the client: the API server has its own, and answers 429, which the client honours
	config.Timeout = time.Minute
	return config, nil
}

// refuseRemote keeps the stand-in from production. It is installed under the real provider's name, so a machine that once
// ran the local platform would otherwise use it for a real cluster as well, without a word.
func refuseRemote(host string) error {
	address, err := url.Parse(host)
	if err != nil {
		return err
	}
	name := address.Hostname()
	if name == "localhost" || net.ParseIP(name).IsLoopback() {
		return nil
	}
	return fmt.Errorf("the configuration leads to %s, but this is not the real provider: it is a stand-in for the local platform. "+
		"Remove it from the plugin directory (~/.terraform.d/plugins or the provider_installation of the Terraform CLI "+
		"configuration), delete .terraform and run terraform init again", host)
}

func (kubernetesProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "kubernetes"
}

func (kubernetesProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &manifestResource{} }}
}

func (kubernetesProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
