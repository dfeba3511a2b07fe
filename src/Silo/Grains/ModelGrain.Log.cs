namespace Winnow.Silo.Grains;

internal sealed partial class ModelGrain
{
    [LoggerMessage(EventId = 3201, Level = LogLevel.Information,
        Message = "Model {Model} is ready in epoch {Epoch} on workers {Workers}, draft worker {Draft}, after {Milliseconds} ms.")]
    private partial void LogPlaced(string model, long epoch, string workers, string draft, double milliseconds);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "Model {Model} was not placed: {Reason}")]
    private partial void LogNotPlaced(string model, string reason);

    [LoggerMessage(EventId = 3203, Level = LogLevel.Warning, Message = "Model {Model} is placed again because {Reason}.")]
    private partial void LogMoving(string model, string reason);

    [LoggerMessage(EventId = 3204, Level = LogLevel.Information, Message = "Model {Model} is coordinated by gateway {Gateway} from epoch {Epoch} on.")]
    private partial void LogHolder(string model, string gateway, long epoch);
}
