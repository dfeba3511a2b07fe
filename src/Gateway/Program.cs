using Winnow.Gateway;
using Winnow.Hosting;

return await WinnowProcess.RunAsync(GatewayRole.Definition, args, builder => builder.AddGateway(), app => app.MapGateway());
