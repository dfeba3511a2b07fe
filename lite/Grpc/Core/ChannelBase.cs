namespace Grpc.Core;

/// <summary>A channel to a server: where generated clients get their calls from.</summary>
public abstract class ChannelBase
{
    /// <summary>Makes a channel.</summary>
    /// <param name="target">The server, as it is shown to people.</param>
    protected ChannelBase(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>The server, as it is shown to people.</summary>
    public string Target { get; }

    /// <summary>Makes an invoker of calls over this channel.</summary>
    /// <returns>The invoker.</returns>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Shuts the channel down.</summary>
    /// <returns>Done when the channel is shut down.</returns>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>What <see cref="ShutdownAsync" /> does; nothing unless overridden.</summary>
    /// <returns>Done when the channel is shut down.</returns>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
