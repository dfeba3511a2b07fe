using Winnow.Hosting;
using Winnow.Silo;

return await WinnowProcess.RunAsync(SiloRole.Definition, args, builder => builder.AddSilo(), app => app.MapSilo());
