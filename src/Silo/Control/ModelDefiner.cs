using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Hosting;

namespace Winnow.Silo.Control;

/// <summary>Once the silo has started, defines the configured models and wakes the ones it knew before.</summary>
internal sealed partial class ModelDefiner(
    IGrainFactory grains, IOptions<SiloOptions> options, IHostApplicationLifetime lifetime, ProcessHealth health, ILogger<ModelDefiner> logger)
    : BackgroundService
{
    private const string Condition = "models";
    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        health.SetNotReady(Condition, "The models are not defined yet.");
        try
        {
            await StartedAsync(stoppingToken);
            IModelCatalogGrain catalog = grains.GetGrain<IModelCatalogGrain>(0);
            foreach (ModelOptions model in options.Value.Models)
            {
                await DefineAsync(catalog, model.ToDefinition());
            }
            IReadOnlyList<ModelStatus> models = await catalog.List();
            LogModels(models.Count, string.Join(", ", models.Select(m => m.Name)));
            health.SetReady(Condition);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(exception);
            health.ReportFatal(exception);
            lifetime.StopApplication();
        }
    }

    /// <summary>One model that fails, as one whose state file is damaged does, keeps no other from being served; the catalogue tells its failure.</summary>
    private async Task DefineAsync(IModelCatalogGrain catalog, ModelDefinition model)
    {
        try
        {
            await catalog.Add(model);
        }
        catch (Exception exception)
        {
            LogNotDefined(model.Name, exception.Message);
        }
    }

    private Task StartedAsync(CancellationToken stoppingToken)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lifetime.ApplicationStarted.Register(started.SetResult);
        return started.Task.WaitAsync(stoppingToken);
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Information, Message = "Serving {Count} models: {Names}.")]
    private partial void LogModels(int count, string names);

    [LoggerMessage(EventId = 3303, Level = LogLevel.Error, Message = "Model {Model} cannot be defined: {Reason}")]
    private partial void LogNotDefined(string model, string reason);

    [LoggerMessage(EventId = 3302, Level = LogLevel.Critical, Message = "The models cannot be defined; this silo stops.")]
    private partial void LogFailed(Exception exception);
}
