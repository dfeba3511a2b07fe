using Winnow.GpuWorker;
using Winnow.Hosting;

return await WinnowProcess.RunAsync(GpuWorkerRole.Definition, args, builder => builder.AddGpuWorker(), app => app.MapGpuWorker());
