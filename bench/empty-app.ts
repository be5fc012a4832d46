import { App, TerraformStack } from 'cdktf';

// The least that a CDK for Terraform program can be: what a synth costs before anything of ours.
const app = new App({ outdir: process.env.CDKTF_OUTDIR as string });
new TerraformStack(app, 'empty');
app.synth();
