using Grpc.Core;
using Microsoft.Extensions.Options;
using Polly;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Wire;
using Winnow.Hosting;
using Winnow.Hosting.Calls;

namespace Winnow.GpuWorker.Control;

/// <summary>
/// Keeps this worker known to a silo: registers, beats at the interval the silo asks for, and registers again when told or when the
/// stream breaks, at the next silo address. Tells the silo when the worker begins to stop.
/// </summary>
internal sealed partial class SiloLink : BackgroundService
{
    private const string Condition = "registered";
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(2);
    private readonly WorkerInventory _inventory;
    private readonly ClusterChannels _channels;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ProcessHealth _health;
    private readonly TimeProvider _time;
    private readonly ILogger<SiloLink> _logger;
    private readonly IReadOnlyList<string> _addresses;
    private readonly PeerLatencies _peers;
    private readonly ProcessDrain _drain;
    private readonly ResiliencePipeline _retry;
    private readonly RegistrationPace _pace;
    private int _next;
    private volatile bool _isBeating;

    public SiloLink(
        WorkerInventory inventory, ClusterChannels channels, IHostApplicationLifetime lifetime, ProcessHealth health, TimeProvider time,
        IOptions<WorkerOptions> options, PeerLatencies peers, ProcessDrain drain, ILogger<SiloLink> logger)
    {
        (_peers, _drain) = (peers, drain);
        (_inventory, _channels, _lifetime, _health, _time, _logger) = (inventory, channels, lifetime, health, time, logger);
        _addresses = [.. options.Value.SiloAddresses];
        _pace = new RegistrationPace(FirstRetry, TimeSpan.FromSeconds(options.Value.SiloRetrySeconds), inventory.Share);
        _retry = CallPolicies.KeepTrying(
            CallNames.Registration, new CallDelays(FirstRetry, TimeSpan.FromSeconds(options.Value.SiloRetrySeconds)), time, static exception => exception is RpcException, (_, exception) =>
            {
                LogNotRegistered(Address, exception.Message);
                _health.SetNotReady(Condition, $"Silo '{Address}' did not take the registration: {((RpcException)exception).Status.Detail}");
                _next++;
            });
    }

    /// <summary>Lets the last beat, which says that the worker drains, reach the silo before the link is cut.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_isBeating && ExecuteTask is { } loop)
        {
            using CancellationTokenSource limit = new(FarewellLimit, _time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await loop.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await base.StopAsync(cancellationToken);
    }

    private string Address => _addresses[_next % _addresses.Count];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_addresses.Count == 0)
        {
            return;
        }
        _health.SetNotReady(Condition, "No silo has taken this worker's registration yet.");
        try
        {
            await StartedAsync(stoppingToken);
            await StayRegisteredAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFatal(exception);
            _health.ReportFatal(exception);
            _lifetime.StopApplication();
        }
    }

    private async Task StayRegisteredAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            RegisterReply reply = await _retry.ExecuteAsync(async token => await RegisterAsync(token), stoppingToken);
            long began = _time.GetTimestamp();
            _isBeating = true;
            string reason = await BeatAsync(reply, stoppingToken);
            _isBeating = false;
            WorkerMetrics.Registered.Set(0);
            _health.SetNotReady(Condition, $"Silo '{Address}' lost this worker: {reason}");
            if (_lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return;
            }
            LogLost(Address, reason);
            await Task.Delay(_pace.After(_time.GetElapsedTime(began)), _time, stoppingToken);
        }
    }

    /// <summary>The address to announce is known when the server listens.</summary>
    private Task StartedAsync(CancellationToken stoppingToken)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _lifetime.ApplicationStarted.Register(started.SetResult);
        return started.Task.WaitAsync(stoppingToken);
    }

    private async Task<RegisterReply> RegisterAsync(CancellationToken cancellation)
    {
        ClusterControl.ClusterControlClient client = new(_channels.Get(Address));
        DateTime deadline = (_time.GetUtcNow() + CallLimit).UtcDateTime;
        WorkerInfo request = _inventory.Describe();
        RegisterReply reply = await client.RegisterAsync(request, deadline: deadline, cancellationToken: cancellation);
        LogRegistered(_inventory.WorkerId, request.Device, Address, reply.Incarnation);
        WorkerMetrics.Registered.Set(1);
        _health.SetReady(Condition);
        return reply;
    }

    /// <summary>Beats until the stream ends; answers with the reason.</summary>
    private async Task<string> BeatAsync(RegisterReply registration, CancellationToken stoppingToken)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        ClusterControl.ClusterControlClient client = new(_channels.Get(Address));
        using AsyncDuplexStreamingCall<Heartbeat, BeatReply> call = client.Beat(cancellationToken: end.Token);
        Task<string> replies = ReadRepliesAsync(call.ResponseStream, end);
        try
        {
            await WriteBeatsAsync(call.RequestStream, registration, end.Token);
        }
        catch (Exception exception) when (StreamErrors.IsBrokenWrite(exception))
        {
            // The reading side has the reason.
        }
        return await replies;
    }

    private async Task WriteBeatsAsync(IClientStreamWriter<Heartbeat> beats, RegisterReply registration, CancellationToken cancellation)
    {
        TimeSpan interval = TimeSpan.FromMilliseconds(Math.Max(1, registration.BeatIntervalMs));
        using PeriodicTimer timer = new(interval, _time);
        // The first beat that says so must not wait for its turn.
        using CancellationTokenRegistration soon = _drain.Draining.Register(() => timer.Period = Soon);
        using CancellationTokenSource wake = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _lifetime.ApplicationStopping);
        try
        {
            do
            {
                await beats.WriteAsync(_inventory.Beat(registration.Incarnation, _drain.IsDraining));
                timer.Period = timer.Period == Soon ? interval : timer.Period;
            }
            while (await timer.WaitForNextTickAsync(wake.Token));
        }
        catch (OperationCanceledException) when (_lifetime.ApplicationStopping.IsCancellationRequested)
        {
            LogDraining(_inventory.WorkerId);
            await beats.WriteAsync(_inventory.Beat(registration.Incarnation, draining: true));
            await beats.CompleteAsync();
        }
    }

    private async Task<string> ReadRepliesAsync(IAsyncStreamReader<BeatReply> replies, CancellationTokenSource end)
    {
        try
        {
            while (await replies.MoveNext(end.Token))
            {
                if (replies.Current.RegisterAgain)
                {
                    return "it asked to register again";
                }
                _peers.Measure(replies.Current.Peers);
            }
            return "it ended the stream";
        }
        catch (RpcException exception)
        {
            _next++;
            return exception.Status.Detail;
        }
        catch (OperationCanceledException)
        {
            return "this worker stops";
        }
        finally
        {
            await end.CancelAsync();
        }
    }
}
